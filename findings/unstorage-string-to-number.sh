#!/usr/bin/env bash
# unstorage 1.17.6: a stored string comes back as a number, and not always as the same one.
#
# Guess: setItem(key, '9007199254740993') and getItem(key) give the string back; at most a long one would be converted.
# What happens: getItem parses whatever looks like JSON. A string of up to 16 digits becomes a number, rounded where it must
#   be; a longer one, or one with a leading zero or plus, stays a string. This holds for the memory driver as well.
# Seen: '9007199254740993' comes back as the number 9007199254740992, '1.50' as 1.5, '1e5' as 100000, 'true' as true;
#   '123456789012345678', '007' and '+15550100' as they were. getItemRaw gives each back unchanged.
# Why it matters: record ids, cursors and amounts of HubSpot are strings of digits. A cached id compares unequal to itself
#   with ===, and an id of 16 digits can name another record. Store objects, or read with getItemRaw.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts unstorage@1.17.6
cat > run.mjs <<'JS'
import { createStorage } from 'unstorage'

const storage = createStorage()
const values = ['9007199254740993', '1.50', '1e5', 'true', '123456789012345678', '007', '+15550100']
const seen = []
let raw = true
for (const value of values) {
  await storage.setItem('key', value)
  const back = await storage.getItem('key')
  raw &&= (await storage.getItemRaw('key')) === value
  seen.push(back === value ? 'same' : `${typeof back} ${back}`)
  console.log(`'${value}' → ${typeof back} ${back}`)
}
const holds =
  raw && seen.join() === 'number 9007199254740992,number 1.5,number 100000,boolean true,same,same,same'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
