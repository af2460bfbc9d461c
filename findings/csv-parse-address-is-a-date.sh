#!/usr/bin/env bash
# csv-parse 7.0.3: cast_date turns a street address into a date.
#
# Guess: cast_date makes dates of values that are written as dates, say in ISO 8601.
# What happens: whatever Date.parse accepts is a date, and it accepts a word followed by a small number.
# Seen: with cast and cast_date, "Suite 5" and "Lot 12" become dates in the year 2001; "Suite 13" and "Building C" stay.
# Why it matters: in an export of contacts some addresses turn into dates and others not, depending on the number in them.
#   Cast by column, with the type that HubSpot's property has.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3
cat > run.mjs <<'JS'
import { parse } from 'csv-parse/sync'

const text = 'address\nSuite 5\nLot 12\nSuite 13\nBuilding C\n'
const rows = parse(text, { columns: true, cast: true, cast_date: true }).map((row) => row.address)
const shown = rows.map((value) => (value instanceof Date ? `Date of ${value.getFullYear()}` : value))
console.log(`Suite 5, Lot 12, Suite 13, Building C → ${shown.join(', ')}`)
const holds = shown.join() === 'Date of 2001,Date of 2001,Suite 13,Building C'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
