#!/usr/bin/env bash
# qs 6.14.0 and 6.14.1 (6.17.1 too): since a patch version, the 21st value of a parameter turns the list into an object.
#
# Guess: a parameter that is given n times is a list of n values; arrayLimit is about indexes, as in a[100]=x, and a patch version
#   does not change a type.
# What happens: up to 6.14.0 that is so. From 6.14.1 on arrayLimit, 20 by default, counts repeated names too. A longer list is not
#   cut off and not refused: it becomes an object with the keys "0", "1", ….
# Seen: 20 × properties=: a list in each version. 21 ×: a list in 6.14.0; in 6.14.1 and 6.17.1 an object with 21 keys, without
#   length and map. The same for properties[]= in the new ones. With arrayLimit: 1000 a list.
# Why it matters: HubSpot takes properties once for each name, and a sync reads more than 20. Express with its extended parser uses
#   qs: a mock or a proxy of HubSpot fails, or finds no properties at all, from the 21st property on. Set arrayLimit.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts old@npm:qs@6.14.0 patched@npm:qs@6.14.1 new@npm:qs@6.17.1
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const query = (count, name = 'properties') => Array.from({ length: count }, (_, i) => `${name}=field_${i}`).join('&')
const kind = (value) => (Array.isArray(value) ? `list of ${value.length}` : `${typeof value} with ${Object.keys(value).length} keys`)
const seen = ['old', 'patched', 'new'].map((name) => {
  const qs = require(name)
  const kinds = [
    kind(qs.parse(query(20)).properties),
    kind(qs.parse(query(21)).properties),
    kind(qs.parse(query(21), { arrayLimit: 1000 }).properties),
  ]
  console.log(`${require(`${name}/package.json`).version}: 20 values: ${kinds[0]}; 21: ${kinds[1]}; with arrayLimit 1000: ${kinds[2]}`)
  return kinds.join(', ')
})
const brackets = kind(require('new').parse(query(21, 'properties[]')).properties)
console.log(`21 × properties[]=: ${brackets}`)
const changed = 'list of 20, object with 21 keys, list of 21'
const holds =
  seen.join('; ') === ['list of 20, list of 21, list of 21', changed, changed].join('; ') && brackets === 'object with 21 keys'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
