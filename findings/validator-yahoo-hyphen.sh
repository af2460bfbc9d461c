#!/usr/bin/env bash
# validator 13.15.35: normalizeEmail makes one address of two people at Yahoo.
#
# Guess: with the defaults, what it removes is what the provider ignores: dots and +tags at Gmail, +tags elsewhere.
# What happens: at Yahoo's domains everything after a hyphen is removed, although a hyphen may be part of the name; a plus is
#   not special there.
# Seen: example-one@yahoo.com and example-two@yahoo.com both become example@yahoo.com. example+crm@yahoo.com keeps its plus.
# Why it matters: a normalised address makes a tempting key for finding duplicates before a write to HubSpot. It merges two
#   contacts that HubSpot keeps apart, or writes to a third person. Switch yahoo_remove_subaddress off.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts validator@13.15.35
cat > run.mjs <<'JS'
import validator from 'validator'

const addresses = ['example-one@yahoo.com', 'example-two@yahoo.com', 'example+crm@yahoo.com']
const seen = addresses.map((address) => validator.normalizeEmail(address))
console.log(addresses.map((address, i) => `${address} → ${seen[i]}`).join('; '))
const holds = seen[0] === 'example@yahoo.com' && seen[1] === 'example@yahoo.com' && seen[2] === 'example+crm@yahoo.com'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
