#!/usr/bin/env bash
# csv-stringify 6.9.0: false and null look the same in the file, and a date is a number of milliseconds.
#
# Guess: true and false are written as words, a Date as ISO 8601.
# What happens: true is 1, false is nothing at all, a Date is its milliseconds.
# Seen: [true, false, null, Date] becomes 1,,,1714521600000. What csv-parse 7.0.3 reads back for false is the empty string.
# Why it matters: in a file for HubSpot's import an empty cell leaves the property as it is. "No" for a checkbox never
#   arrives, and a day arrives as a number where day, month and year are expected. Give `cast` for boolean and date.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts csv-stringify@6.9.0 csv-parse@7.0.3
cat > run.mjs <<'JS'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'

const line = stringify([[true, false, null, new Date('2024-05-01T00:00:00Z')]])
const back = parse(line)[0]
console.log(`written: ${line.trim()}; false read back as ${JSON.stringify(back[1])}, null as ${JSON.stringify(back[2])}`)
const holds = line === '1,,,1714521600000\n' && back[1] === back[2]
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
