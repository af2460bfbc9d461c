#!/usr/bin/env bash
# dayjs 1.11.23 and date-fns-tz 3.2.0: a timestamp that ends in Z is moved when it is read for a zone.
#
# Guess: the zone given beside a string is for strings without an offset; a Z at the end decides. luxon 3.7.2 does so.
# What happens: dayjs.tz drops the Z and takes the digits for clock time in the zone. fromZonedTime applies the Z, and then
#   takes what the machine's clock shows for clock time in the zone, so the result depends on the machine.
# Seen, for 2024-05-01T10:00Z and America/New_York: luxon 10:00Z. dayjs.tz 14:00Z. fromZonedTime 14:00Z on a machine in UTC,
#   16:00Z in Berlin, 10:00Z in New York.
# Why it matters: every timestamp of HubSpot ends in Z, and the account's zone is at hand. Read "in the account's zone", the
#   latest change lies hours in the future, and the next poll from there on misses everything until then.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts dayjs@1.11.23 date-fns@4.1.0 date-fns-tz@3.2.0 luxon@3.7.2
cat > run.mjs <<'JS'
import { fromZonedTime } from 'date-fns-tz'
import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'
import { DateTime } from 'luxon'

dayjs.extend(utc)
dayjs.extend(timezone)
const zone = 'America/New_York'
const stamp = '2024-05-01T10:00:00.000Z'
const hour = (date) => date.toISOString().slice(11, 16)
const seen = ['UTC', 'Europe/Berlin', zone].map((machine) => {
  process.env.TZ = machine
  const row = [hour(DateTime.fromISO(stamp, { zone }).toJSDate()), hour(dayjs.tz(stamp, zone)), hour(fromZonedTime(stamp, zone))]
  console.log(`machine in ${machine}: luxon ${row[0]}Z, dayjs.tz ${row[1]}Z, fromZonedTime ${row[2]}Z`)
  return row.join()
})
const holds = seen.join('; ') === '10:00,14:00,14:00; 10:00,14:00,16:00; 10:00,14:00,10:00'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
