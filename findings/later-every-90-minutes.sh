#!/usr/bin/env bash
# @breejs/later 4.2.0: "every 90 minutes" is every hour, "every 36 hours" every day.
#
# Guess: "every N minutes" is understood as an interval, or refused when it does not fit into an hour. error: -1 means understood.
# What happens: N is a step through the minutes of one hour, or the hours of one day, and starts again at 0 in the next one. A step
#   that is larger than the range leaves only the first value. There is no error.
# Seen: "every 90 minutes" 11:00, 12:00, 13:00; "every 40 minutes" 10:40, 11:00, 11:40, 12:00; "every 36 hours" midnight of each day;
#   "every 90 seconds" each full minute. error is -1 each time.
# Why it matters: a sync that shall ask every 90 minutes asks every hour and uses up more of HubSpot's daily limit, and pauses
#   meant to be equal are 40 and 20 minutes. Bree reads its intervals with this package. Give milliseconds.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @breejs/later@4.2.0
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const later = createRequire(import.meta.url)('@breejs/later')
later.date.UTC()
function next(words, part) {
  const parsed = later.parse.text(words)
  const times = later.schedule(parsed).next(4, new Date('2024-05-01T10:03:30Z')).map((date) => date.toISOString().slice(...part))
  console.log(`${words}: error ${parsed.error}; ${times.join(', ')}`)
  return [parsed.error, ...times].join(' ')
}
const seen = [
  next('every 90 minutes', [11, 16]),
  next('every 40 minutes', [11, 16]),
  next('every 36 hours', [5, 16]),
  next('every 90 seconds', [11, 19]),
]
const expected = [
  '-1 11:00 12:00 13:00 14:00',
  '-1 10:40 11:00 11:40 12:00',
  '-1 05-02T00:00 05-03T00:00 05-04T00:00 05-05T00:00',
  '-1 10:04:00 10:05:00 10:06:00 10:07:00',
]
const holds = seen.join() === expected.join()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
