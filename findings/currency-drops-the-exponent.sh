#!/usr/bin/env bash
# currency.js 2.0.4: an amount with an exponent becomes a small one, with no error.
#
# Guess: currency('1.5E7') is 15,000,000, or an error.
# What happens: every character that is not a digit, a point or a minus is dropped before the number is read. 1.5E7 is read
#   as 1.57. errorOnInvalid does not object, since what is left is a number.
# Seen: currency('1.5E7') 1.57; currency('1e3') 13; with errorOnInvalid: true the same. big.js 7.0.1 reads 15000000.
# Why it matters: deal amounts come from HubSpot as strings, and whatever computed them may print large numbers this way
#   (Java does from 10,000,000 on, JavaScript from 1e21 on). A deal of 15 million is stored as 1.57.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts currency.js@2.0.4 big.js@7.0.1
cat > run.mjs <<'JS'
import Big from 'big.js'
import currency from 'currency.js'

const values = [currency('1.5E7').value, currency('1e3').value, currency('1.5E7', { errorOnInvalid: true }).value]
const exact = new Big('1.5E7').toString()
console.log(`currency.js: 1.5E7 is ${values[0]}, 1e3 is ${values[1]}, 1.5E7 with errorOnInvalid is ${values[2]}; big.js: ${exact}`)
const holds = values.join() === '1.57,13,1.57' && exact === '15000000'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
