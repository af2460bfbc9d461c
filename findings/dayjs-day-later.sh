#!/usr/bin/env bash
# dayjs 1.11.23 with its timezone plugin: a day later is an hour off when clocks change, unless the machine is in that zone.
#
# Guess: dayjs.tz('2024-11-02T12:00', zone).add(1, 'day') is noon of the next day in that zone, whatever the machine.
# What happens: the old offset is kept. The text shows noon with an offset that the zone does not have on that day.
# Seen, for America/New_York: on a machine in UTC 2024-11-03T12:00:00-04:00, which is 11:00 there; on a machine in New York
#   the instant is right, 17:00Z. hour(1) on 2024-03-10, before the clocks change, gives midnight. luxon 3.7.2 is right.
# Why it matters: a daily sync or a due date in an account's zone slips by an hour twice a year, on servers, and not on the
#   laptop of a developer who lives in that zone.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts dayjs@1.11.23 luxon@3.7.2
cat > run.mjs <<'JS'
import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'
import { DateTime } from 'luxon'

dayjs.extend(utc)
dayjs.extend(timezone)
const zone = 'America/New_York'
const instant = (date) => date.toISOString().slice(0, 16)
const right = instant(DateTime.fromISO('2024-11-02T12:00', { zone }).plus({ days: 1 }).toJSDate())
const seen = ['UTC', zone].map((machine) => {
  process.env.TZ = machine
  const later = dayjs.tz('2024-11-02T12:00', zone).add(1, 'day')
  const one = dayjs('2024-03-10T12:00:00Z').tz(zone).hour(1)
  console.log(`machine in ${machine}: a day later ${later.format()} = ${instant(later)}Z, luxon ${right}Z; hour(1) = ${instant(one)}Z`)
  return `${instant(later)} ${instant(one)}`
})
const holds =
  right === '2024-11-03T17:00' && seen[0] === '2024-11-03T16:00 2024-03-10T05:00' && seen[1].startsWith('2024-11-03T17:00')
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
