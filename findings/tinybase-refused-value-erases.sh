#!/usr/bin/env bash
# tinybase 10.0.1: a value of the wrong type erases the right one, if the cell has a default.
#
# Guess: a schema refuses a value of the wrong type, by an error or by leaving the cell as it is.
# What happens: without a default the cell stays as it is. With a default the refused value is replaced by the default, and that is
#   written over the stored value. No error in either case, unless one asks for invalid cells with a listener of its own.
# Seen, amount is a number with default 0, score a number without: both are 5; set to the text '1500.00', amount is 0 and score 5.
#   A whole row with both as text has amount 0 and no score.
# Why it matters: HubSpot gives every property as text, amounts too. The first update of a deal that was stored as a number makes it
#   0, and a store that is kept in step both ways sends that 0 back. Convert before writing; leave default out.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts tinybase@10.0.1
cat > run.mjs <<'JS'
import { createStore } from 'tinybase'

const store = createStore().setTablesSchema({ deals: { amount: { type: 'number', default: 0 }, score: { type: 'number' } } })
const shown = (what) => {
  const row = JSON.stringify(store.getRow('deals', '1'))
  console.log(`${what}: ${row}`)
  return row
}
const seen = []
store.setRow('deals', '1', { amount: 5, score: 5 })
seen.push(shown('numbers'))
store.setCell('deals', '1', 'amount', '1500.00')
store.setCell('deals', '1', 'score', '1500.00')
seen.push(shown('each cell set to a text'))
store.setPartialRow('deals', '1', { amount: 7 })
store.setPartialRow('deals', '1', { amount: '1500.00' })
seen.push(shown('amount 7, then part of the row set to a text'))
store.setRow('deals', '1', { amount: '1500.00', score: '1500.00' })
seen.push(shown('the row set to texts'))
const expected = ['{"amount":5,"score":5}', '{"amount":0,"score":5}', '{"amount":0,"score":5}', '{"amount":0}']
const holds = seen.join() === expected.join()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
