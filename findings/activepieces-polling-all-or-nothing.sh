#!/usr/bin/env bash
# @activepieces/pieces-common 0.12.5: a poll passes records on twice when one is deleted, and never when two share a time.
#
# Guess: the helper that all polling triggers use passes each record on once: it remembers which ones it has passed on, at least
#   those at the border.
# What happens: by last item, one id is remembered. When that record is no longer in the answer, every record of the answer is new.
#   By time, only what is later than the latest time so far is new; a record of the same millisecond is not.
# Seen, by last item: 3, 2, 1 are known, 4 is new and passed on; 4 is deleted, and 3, 2, 1 are passed on again. By time: A at 1000
#   is passed on; then B, of 1000 too, and C, of 999, which come late, never are; D at 1001 is.
# Why it matters: in HubSpot a merge or a deletion takes the newest contact away, and welcome mails go out again to a whole page. An
#   import gives many records one time, and HubSpot's search shows them seconds late and not all at once: the rest is lost.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# The package is unpacked without its many dependencies. Of them the helper needs only these names here.
npm install --silent --no-audit --no-fund --ignore-scripts tslib@2.8.1
mkdir -p node_modules/@activepieces/shared node_modules/@activepieces/pieces-common
echo 'exports.isNil = (value) => value === null || value === undefined' > node_modules/@activepieces/shared/index.js
npm pack --silent @activepieces/pieces-common@0.12.5 > tarball
tar xzf "$(cat tarball)" -C node_modules/@activepieces/pieces-common --strip-components=1 package/src/lib/polling
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { DedupeStrategy, pollingHelper } = require('./node_modules/@activepieces/pieces-common/src/lib/polling/index.js')
function memory(values) {
  const kept = new Map(Object.entries(values))
  return { get: async (key) => kept.get(key) ?? null, put: async (key, value) => kept.set(key, value), delete: async (key) => kept.delete(key) }
}
async function polls(strategy, kept, answers) {
  const store = memory(kept)
  const passedOn = []
  for (const answer of answers) {
    const result = await pollingHelper.poll({ strategy, items: async () => answer }, { store, auth: {}, propsValue: {} })
    passedOn.push(result.join(' ') || 'none')
  }
  return passedOn.join(', ')
}
const ids = (...list) => list.map((id) => ({ id, data: id }))
const times = (list) => Object.entries(list).map(([data, epochMilliSeconds]) => ({ data, epochMilliSeconds }))
const byItem = await polls(DedupeStrategy.LAST_ITEM, { lastItem: 3 }, [ids(3, 2, 1), ids(4, 3, 2, 1), ids(3, 2, 1)])
const byTime = await polls(DedupeStrategy.TIMEBASED, { lastPoll: 500 }, [
  times({ A: 1000 }),
  times({ B: 1000, A: 1000, C: 999 }),
  times({ D: 1001, B: 1000, A: 1000, C: 999 }),
])
console.log(`by last item: ${byItem}`)
console.log(`by time: ${byTime}`)
const holds = byItem === 'none, 4, 3 2 1' && byTime === 'A, none, D'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
