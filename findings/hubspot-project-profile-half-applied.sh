#!/usr/bin/env bash
# @hubspot/project-parsing-lib 0.23.0: a profile fills in uid and config of a component, and neither dependencies nor permissions.
#
# Guess: ${name} from hsprofile.NAME.json is filled in wherever it stands in an …-hsmeta.json.
# What happens: uid and config are filled in. dependencies and permissions keep the placeholder, with no error.
# Seen: the app's uid "app-${stage}" becomes "app-dev"; the component that names it under dependencies still says
#   "app-${stage}". In config "${port}" becomes the number 8080, "x${port}" the text "x8080". 0.5 is passed on as PROFILE_INT.
# Why it matters: a HubSpot app is described once and uploaded per stage by profile. A uid with a placeholder cannot be
#   referred to from another component, and a share like 0.5 is announced to HubSpot as an integer.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @hubspot/project-parsing-lib@0.23.0
cat > run.mjs <<'JS'
import fs from 'node:fs'
import { translate } from '@hubspot/project-parsing-lib/translate'

const write = (file, value) => {
  fs.mkdirSync(`src/${file}`.replace(/\/[^/]+$/, ''), { recursive: true })
  fs.writeFileSync(`src/${file}`, JSON.stringify(value))
}
write('hsprofile.dev.json', { accountId: 1, variables: { stage: 'dev', port: 8080, share: 0.5 } })
write('app/app-hsmeta.json', { uid: 'app-${stage}', type: 'app', config: { a: '${port}', b: 'x${port}' } })
write('app/webhooks/hooks-hsmeta.json', {
  uid: 'hooks', type: 'webhooks', config: {}, dependencies: { own: 'app-${stage}' }, permissions: { own: 'app-${stage}' },
})
const context = { projectSourceDir: `${process.cwd()}/src`, platformVersion: '2025.2', accountId: 1 }
const { intermediateRepresentation } = await translate(context, { skipValidation: true, profile: 'dev' })
const { 'app-dev': app, hooks } = intermediateRepresentation.intermediateNodesIndexedByUid
const { share } = intermediateRepresentation.profileData.vars.profileVariables
console.log(`uid ${app?.uid}, config ${JSON.stringify(app?.config)}; dependencies ${hooks.componentDeps.own}, permissions ${hooks.permissions.own}; 0.5 is ${share.variableType}`)
const holds =
  JSON.stringify(app?.config) === '{"a":8080,"b":"x8080"}' && hooks.componentDeps.own === 'app-${stage}' &&
  hooks.permissions.own === 'app-${stage}' && share.variableType === 'PROFILE_INT'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
