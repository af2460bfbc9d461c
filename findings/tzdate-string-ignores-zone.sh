#!/usr/bin/env bash
# @date-fns/tz 1.5.0: TZDate reads parts in the zone it is given, and strings in the zone of the machine.
#
# Guess: new TZDate('2024-05-01T09:00:00', 'America/New_York') is nine o'clock in New York, as with parts.
# What happens: a string without an offset goes through Date first, so it is nine o'clock where the program runs; the zone
#   only changes how it is shown.
# Seen, on a machine set to Asia/Tokyo: the string gives 2024-05-01T00:00Z, the parts (2024, 4, 1, 9) give 13:00Z. Set to
#   America/New_York the two agree, so tests on the developer's machine pass.
# Why it matters: HubSpot accounts have a time zone of their own. Times that a user types for it move by hours between a
#   laptop and a server in UTC.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @date-fns/tz@1.5.0
cat > run.mjs <<'JS'
import { TZDate } from '@date-fns/tz'

const zone = 'America/New_York'
const utc = (date) => new Date(+date).toISOString()
const seen = ['Asia/Tokyo', zone].map((machine) => {
  process.env.TZ = machine
  const pair = [utc(new TZDate('2024-05-01T09:00:00', zone)), utc(new TZDate(2024, 4, 1, 9, zone))]
  console.log(`machine in ${machine}: string ${pair[0]}, parts ${pair[1]}`)
  return pair.join()
})
const right = '2024-05-01T13:00:00.000Z'
const holds = seen[0] === `2024-05-01T00:00:00.000Z,${right}` && seen[1] === `${right},${right}`
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
