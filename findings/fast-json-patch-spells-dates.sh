#!/usr/bin/env bash
# fast-json-patch 3.1.1 and rfc6902 5.4.0: a changed Date is spelled out letter by letter, or is no change.
#
# Guess: comparing two records of which one Date differs gives one "replace" with the new date, as just-diff 6.0.2 gives.
# What happens: fast-json-patch compares the fields of the old Date, of which there are none, with the letters of the new one's
#   text, and adds each letter. rfc6902 compares fields only, finds none on either side, and sees no change.
# Seen, closedate from May to June: fast-json-patch 24 × "add", from /closedate/0 to /closedate/23, and its own applyPatch leaves
#   May; rfc6902: an empty patch; just-diff: one replace.
# Why it matters: records from a MongoDB driver hold Date objects. A change list for a sync or an audit log made from them misses
#   every date, or holds letters that nobody can apply. Turn records into JSON before comparing.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts fast-json-patch@3.1.1 rfc6902@5.4.0 just-diff@6.0.2
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'
import { diff } from 'just-diff'

const require = createRequire(import.meta.url)
const { compare, applyPatch } = require('fast-json-patch')
const { createPatch } = require('rfc6902')
const deal = (closedate) => ({ dealname: 'Example', closedate: new Date(closedate) })
const [before, after] = [deal('2024-05-01T00:00:00Z'), deal('2024-06-01T00:00:00Z')]

const letters = compare(before, after)
const paths = `${letters.length} × ${letters[0].op}, ${letters[0].path} to ${letters.at(-1).path}`
const applied = applyPatch(deal('2024-05-01T00:00:00Z'), letters).newDocument.closedate.toISOString()
const none = createPatch(before, after)
const one = diff(before, after)
console.log(`fast-json-patch: ${paths}; applied: ${applied}`)
console.log(`rfc6902: ${JSON.stringify(none)}`)
console.log(`just-diff: ${JSON.stringify(one)}`)
const text = (record) => JSON.parse(JSON.stringify(record))
const asJson = [compare(text(before), text(after)).length, createPatch(text(before), text(after)).length]
console.log(`the same records as JSON: ${asJson.join(' and ')} operation`)
const holds =
  paths === '24 × add, /closedate/0 to /closedate/23' && applied === '2024-05-01T00:00:00.000Z' &&
  none.length === 0 && one.length === 1 && one[0].op === 'replace' && asJson.join() === '1,1'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
