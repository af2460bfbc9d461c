#!/usr/bin/env bash
# csv-parse 7.0.3: with cast_date, "Studio 54" is the first of January 1954.
#
# Guess: cast_date: true turns cells that are written as dates (2024-05-01, 2024-05-01T10:00:00Z) into Date; other text stays text.
# What happens: whatever Date.parse accepts is a date, and Node's accepts a word followed by a number: 1 to 12 is a month of 2001,
#   from 32 on it is a year.
# Seen, with cast and cast_date, as dates in UTC: "Studio 54" 1954-01-01, "Apollo 11" 2001-11-01, "Level 3" 2001-03-01, "A-1"
#   2001-01-01, "Studio 540" the year 540. "Team 13" stays text, and so do "12 Main" and "Example Ltd".
# Why it matters: in an import of companies or of addresses single cells become dates, and go to HubSpot as 1954-01-01T00:00:00.000Z.
#   No sample of the file shows it. Give a function for cast_date, and only for the columns that hold dates.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3
cat > run.mjs <<'JS'
import { parse } from 'csv-parse/sync'

// In UTC, since such a date is meant as the machine's local midnight.
const names = ['2024-05-01', 'Studio 54', 'Apollo 11', 'Level 3', 'A-1', 'Studio 540', 'Team 13', '12 Main', 'Example Ltd']
const records = parse(`name\n${names.join('\n')}\n`, { columns: true, cast: true, cast_date: true })
const seen = records.map(({ name }) => (name instanceof Date ? name.toISOString().slice(0, 10) : `text ${name}`))
seen.forEach((value, i) => console.log(`${names[i]}: ${value}`))
const holds =
  seen.join() ===
  '2024-05-01,1954-01-01,2001-11-01,2001-03-01,2001-01-01,0540-01-01,text Team 13,text 12 Main,text Example Ltd'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
TZ=UTC node run.mjs
