#!/usr/bin/env bash
# libphonenumber-js 1.13.16: a number with letters is cut off before them, and given as a number.
#
# Guess: 1-800-FLOWERS is dialled as +1 800 356 9377, as Google's own library has it, or is no number at all.
# What happens: the digits before the letters are taken for the number: E.164 +11800. isPossible and isValid say no; parsing
#   itself does not fail, and a text after an ordinary number is left out in the same way.
# Seen: "1-800-FLOWERS" gives +11800, valid false; "212-555-0100 or 0101" gives undefined; "212-555-0100 ask for Kim" gives
#   +12125550100, valid true.
# Why it matters: HubSpot's phone property holds any text, and such numbers are common in the US. Whoever writes back what
#   parsed destroys the number. Look at isValid, and keep the text.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts libphonenumber-js@1.13.16
cat > run.mjs <<'JS'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

const seen = ['1-800-FLOWERS', '212-555-0100 or 0101', '212-555-0100 ask for Kim'].map((text) => {
  const number = parsePhoneNumberFromString(text, 'US')
  const shown = number ? `${number.number} valid ${number.isValid()}` : 'undefined'
  console.log(`${text}: ${shown}`)
  return shown
})
const holds = seen.join() === '+11800 valid false,undefined,+12125550100 valid true'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
