#!/usr/bin/env bash
# @segment/action-destinations 3.497.0, HubSpot "Custom Object V2": it tries to create dropdowns and phone numbers that exist.
#
# Guess: before creating missing properties it reads those of the account, so what HubSpot has is not created.
# What happens: of the properties read, only six combinations of type and field type are kept. Dropdowns, radio buttons and
#   phone numbers are forgotten, taken as missing, and created as text.
# Seen: the account has phone (phonenumber), lifecyclestage (radio), hs_lead_status (select) and remark (text). Writing each
#   of the first three first posts a property of this name to …/properties/contact/batch/create; writing remark does not.
# Why it matters: it needs the scope for changing the schema only to set a lifecycle stage, and what HubSpot answers to a
#   create of an existing name decides whether the contact is written at all.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# The package is unpacked without its own dependencies, of which the HubSpot part needs these only.
npm install --silent --no-audit --no-fund --ignore-scripts @segment/actions-core@3.170.0 lru-cache@10.4.3 liquidjs@10.8.4
npm pack --silent @segment/action-destinations@3.497.0 > tarball
mkdir node_modules/@segment/action-destinations
tar xzf "$(cat tarball)" -C node_modules/@segment/action-destinations --strip-components=1
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const path = '@segment/action-destinations/dist/destinations/hubspot/upsertObject/index.js'
const { default: action } = createRequire(import.meta.url)(path)
const known = [
  { name: 'remark', type: 'string', fieldType: 'text' },
  { name: 'phone', type: 'string', fieldType: 'phonenumber' },
  { name: 'lifecyclestage', type: 'enumeration', fieldType: 'radio' },
  { name: 'hs_lead_status', type: 'enumeration', fieldType: 'select' },
]
// HubSpot as the action sees it: the properties above, and success for everything else.
async function upsert(properties) {
  const calls = []
  const request = async (url, { method, json }) => {
    const { pathname } = new URL(url)
    calls.push({ method, pathname, json })
    return { data: method === 'GET' ? { results: known } : { results: [{ id: '101', properties: {} }] } }
  }
  const object_details = { object_type: 'contact', id_field_name: 'email', id_field_value: 'a@example.com', property_group: 'contactinformation' }
  const payload = { object_details, properties, association_sync_mode: 'upsert', enable_batching: false }
  const error = await action.perform(request, { payload, syncMode: 'upsert' }).then(() => null, (caught) => caught)
  const created = calls.find((call) => call.pathname.endsWith('/batch/create'))?.json.inputs.map((input) => input.name)
  const written = calls.find((call) => call.pathname.endsWith('/batch/upsert'))?.json.inputs[0].properties
  return { error: error?.code, created, written }
}
const created = []
for (const properties of [{ remark: 'x' }, { phone: '+1 555 0100' }, { lifecyclestage: 'lead' }, { hs_lead_status: 'NEW' }]) {
  const names = (await upsert(properties)).created ?? []
  created.push(...names)
  console.log(`writing ${Object.keys(properties)[0]} creates: ${names.join() || 'nothing'}`)
}
const holds = created.join() === 'phone,lifecyclestage,hs_lead_status'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
