#!/usr/bin/env bash
# @segment/action-destinations 3.497.0, HubSpot "Custom Object V2": a text is refused when it happens to look like a date.
#
# Guess: HubSpot's definition of a property decides its type; a text property takes every text, and null clears a value.
# What happens: the type is guessed from each value and compared with HubSpot's. A text that reads as a date, or as true or
#   false, does not fit a text property; "12.5" does not fit a number. The whole event is refused. null is left out.
# Seen, for a text property: "see mail" is written, "2024-05-01" and "True" end in HUBSPOT_PROPERTY_TYPE_MISMATCH. For a number
#   property: 12.5 is written, "12.5" is a mismatch. null: the property is not in the request.
# Why it matters: the same mapping works for a year and then loses single contacts, by what somebody typed. A value that was
#   cleared at the source stays in HubSpot for ever.
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
  { name: 'budget', type: 'number', fieldType: 'number' },
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
const outcome = async (properties) => {
  const { error, written } = await upsert(properties)
  const shown = error ?? JSON.stringify(written)
  console.log(`${JSON.stringify(properties)}: ${shown}`)
  return shown
}
const mismatch = 'HUBSPOT_PROPERTY_TYPE_MISMATCH'
const holds =
  (await outcome({ remark: 'see mail' })) === '{"remark":"see mail","email":"a@example.com"}' &&
  (await outcome({ remark: '2024-05-01' })) === mismatch &&
  (await outcome({ remark: 'True' })) === mismatch &&
  (await outcome({ budget: 12.5 })) === '{"budget":12.5,"email":"a@example.com"}' &&
  (await outcome({ budget: '12.5' })) === mismatch &&
  (await outcome({ remark: null })) === '{"email":"a@example.com"}'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
