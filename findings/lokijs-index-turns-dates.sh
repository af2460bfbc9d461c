#!/usr/bin/env bash
# lokijs 1.5.12: an index on a field turns its dates into numbers, also in the record that was handed in.
#
# Guess: an index makes a query faster and changes no data; a Date stays a Date, at least until the database is saved as JSON.
# What happens: the values of an indexed field are made fit for saving at once, in the record itself, which the collection does not
#   copy. Without an index a Date stays one until the database is read again, and is a text from then on.
# Seen, for one closedate: without an index a Date, after a restart a string; with an index a number, before and after. The caller's
#   own object has the number too. After a later ensureIndex, old records have a Date and new ones a number.
# Why it matters: an index that is added for speed makes closedate.toISOString() fail, or sends milliseconds where the code relied on
#   JSON for ISO 8601. Which of three types comes depends on indexes and restarts. Store numbers.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts lokijs@1.5.12
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const Loki = createRequire(import.meta.url)('lokijs')
const open = () => new Loki('deals', { adapter: new Loki.LokiMemoryAdapter() })
const kind = (value) => (value instanceof Date ? 'Date' : typeof value)
function kinds(options, indexLater = false) {
  const db = open()
  const deals = db.addCollection('deals', options)
  const own = [1, 2].map((id) => ({ id, closedate: new Date('2024-05-01T00:00:00Z') }))
  deals.insert(own[0])
  if (indexLater) deals.ensureIndex('closedate')
  deals.insert(own[1])
  const again = open()
  again.loadJSON(db.serialize())
  const stored = (from) => [1, 2].map((id) => kind(from.getCollection('deals').findOne({ id }).closedate)).join(' and ')
  return `${stored(db)}, after a restart ${stored(again)}, the caller's objects ${own.map((deal) => kind(deal.closedate)).join(' and ')}`
}
const seen = {
  'without an index': kinds({}),
  'with an index': kinds({ indices: ['closedate'] }),
  'index added between two records': kinds({}, true),
}
for (const [what, types] of Object.entries(seen)) console.log(`${what}: ${types}`)
const expected = [
  "Date and Date, after a restart string and string, the caller's objects Date and Date",
  "number and number, after a restart number and number, the caller's objects number and number",
  "Date and number, after a restart string and number, the caller's objects Date and number",
]
const holds = Object.values(seen).join('; ') === expected.join('; ')
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
