#!/usr/bin/env bash
# yjs 13.6.33: a Date is there for whoever wrote it, and an empty object for everybody else.
#
# Guess: what a shared map cannot hold is refused, as a Map is ("Unexpected content type"). A Date is not refused, so it is the same
#   for all.
# What happens: the writer keeps the very object that was given. The others get what the encoding made of it, and it encodes fields
#   only: a Date has none, nor has a Map inside an object, which is not refused.
# Seen: closedate reads as a Date at the writer and as {} at the other side, also inside an object, while both have the same state
#   vector and nothing is left to send. An object that is changed after it was set: amount 6 at the writer and at whoever joins
#   later, 5 at the side that had it before.
# Why it matters: the side that enters a close date sees it for the whole session, and no sync mends it. After a restart it is {}
#   there too. Store dates as text, and set a new object for each change.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts yjs@13.6.33
cat > run.mjs <<'JS'
import * as Y from 'yjs'

const writer = new Y.Doc()
const deals = writer.getMap('deals')
const other = new Y.Doc()
const sync = (doc) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(writer, Y.encodeStateVector(doc)))
const shown = (who, doc) => {
  const map = doc.getMap('deals')
  const { closedate, stages, amount } = map.get('whole')
  const text = [map.get('closedate'), closedate, stages]
    .map((value) => `${value.constructor.name} ${JSON.stringify(value)}`)
    .concat(amount)
    .join(', ')
  console.log(`${who}: ${text}`)
  return text
}
let refused = ''
try {
  deals.set('stages', new Map())
} catch (error) {
  refused = error.message
}
const date = new Date('2024-05-01T00:00:00Z')
const whole = { amount: 5, closedate: date, stages: new Map([['new', 1]]) }
deals.set('closedate', date)
deals.set('whole', whole)
sync(other)
whole.amount = 6
sync(other)
const same = Buffer.compare(Y.encodeStateVector(writer), Y.encodeStateVector(other)) === 0
const later = new Y.Doc()
sync(later)
const seen = [shown('writer', writer), shown('other side', other), shown('joined later', later)]
console.log(`a Map by itself: ${refused}; writer and other side have the same state vector: ${same}`)
const inDate = 'Date "2024-05-01T00:00:00.000Z"'
const holds =
  refused === 'Unexpected content type' && same && seen[0] === `${inDate}, ${inDate}, Map {}, 6` &&
  seen[1] === 'Object {}, Object {}, Object {}, 5' && seen[2] === 'Object {}, Object {}, Object {}, 6'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
