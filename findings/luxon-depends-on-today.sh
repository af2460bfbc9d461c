#!/usr/bin/env bash
# luxon 3.7.2: which of two equal clock times is meant depends on the day the program runs.
#
# Guess: when clocks go back, an hour occurs twice; a library takes always the first one, or always the second.
# What happens: luxon starts from the zone's offset of *now*, the moment of the call. In summer it finds the first, in winter
#   the second.
# Seen: 2024-11-03T01:30 in America/New_York: 05:30 UTC if the program runs in July, 06:30 UTC if it runs in December.
#   The time is fixed and so is the code. Only Settings.now differs here, which stands in for the clock of the machine.
# Why it matters: a date like this in a partner's file, read into a HubSpot datetime, comes out different at the next full
#   sync half a year later. The record looks changed, and is written back.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts luxon@3.7.2
cat > run.mjs <<'JS'
import { DateTime, Settings } from 'luxon'

const read = (today) => {
  Settings.now = () => Date.parse(today)
  return DateTime.fromISO('2024-11-03T01:30:00', { zone: 'America/New_York' }).toUTC().toISO()
}
const inJuly = read('2026-07-01T12:00:00Z')
const inDecember = read('2026-12-01T12:00:00Z')
console.log(`read in July: ${inJuly}; read in December: ${inDecember}`)
const holds = inJuly === '2024-11-03T05:30:00.000Z' && inDecember === '2024-11-03T06:30:00.000Z'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
