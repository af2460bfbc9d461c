#!/usr/bin/env bash
# @seald-io/nedb 4.1.2: a missing field is not null, and { $ne } holds for a list that contains the value.
#
# Guess: NeDB takes MongoDB's query language, a subset of it: what it accepts means the same. mingo 7.2.6 does so.
# What happens: null finds only a stored null, and $ne: null finds records without the field. For a list $ne and $nin hold when any
#   one element differs, so { tags: 'vip' } and its opposite both find a record with two tags.
# Seen, three records: 1 has hubspotId 'x' and tags ['vip', 'new'], 2 hubspotId null, 3 neither. { hubspotId: null } finds 2 (mingo 2, 3);
#   { $ne: null } 1, 3 (mingo 1); { $in: [null] } 2 (mingo 2, 3); tags { $ne: 'vip' } 1, 2, 3 (mingo 2, 3); { $nin: ['vip'] } the same.
# Why it matters: "not yet in HubSpot" is { hubspotId: null } in MongoDB. With NeDB no new lead is ever found, and "already in
#   HubSpot" finds the new ones, so a test against it says nothing about the real database. Ask with $exists as well.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @seald-io/nedb@4.1.2 mingo@7.2.6
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'
import { Query } from 'mingo'

const Datastore = createRequire(import.meta.url)('@seald-io/nedb')
const leads = [{ n: 1, hubspotId: 'x', tags: ['vip', 'new'] }, { n: 2, hubspotId: null }, { n: 3 }]
const store = new Datastore()
await store.insertAsync(leads)
async function find(query) {
  const byNedb = (await store.findAsync(query)).map((lead) => lead.n).sort()
  const like = new Query(query)
  const byMingo = leads.filter((lead) => like.test(lead)).map((lead) => lead.n)
  console.log(`${JSON.stringify(query)}: NeDB ${byNedb}; mingo ${byMingo}`)
  return `${byNedb}/${byMingo}`
}
const seen = [
  await find({ hubspotId: null }),
  await find({ hubspotId: { $ne: null } }),
  await find({ hubspotId: { $in: [null] } }),
  await find({ hubspotId: { $exists: false } }),
  await find({ tags: 'vip' }),
  await find({ tags: { $ne: 'vip' } }),
  await find({ tags: { $nin: ['vip'] } }),
]
const holds = seen.join(' ') === '2/2,3 1,3/1 2/2,3 3/3 1/1 1,2,3/2,3 1,2,3/2,3'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
