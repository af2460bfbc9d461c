#!/usr/bin/env bash
# agenda 6.2.6 (with human-interval 2.0.1): "every 5 minutes" and "an hour" are intervals of zero.
#
# Guess: an interval in words is understood, or refused as "5 min" is.
# What happens: only numbers and number words count. "an", "a" and "every" are none, and what is not understood adds nothing.
#   The sum 0 is a valid interval: the next run is due the moment the last one ended.
# Seen, time from last run to next: "5 minutes" 300000 ms; "every 5 minutes", "an hour", "half an hour", "a week" 0 ms;
#   "1 hour 30 mins" 3600000 ms; "5 min" is refused, but only in failReason, with no exception.
# Why it matters: agenda.every('every 5 minutes', 'sync') uses up a day's HubSpot calls in no time, and every('5 min', …) never
#   runs. Give milliseconds or a cron expression.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts agenda@6.2.6
cat > run.mjs <<'JS'
import { Job } from 'agenda'

// A Job computes its times itself; it needs an Agenda only to save them.
const lastRunAt = new Date('2024-05-01T10:00:00Z')
const pause = (interval) => {
  const job = new Job({ attrs: {} }, { name: 'sync', type: 'normal', data: {}, lastRunAt }).repeatEvery(interval)
  const shown = job.attrs.failReason ? 'refused in failReason' : `${job.attrs.nextRunAt - lastRunAt} ms`
  console.log(`${interval}: ${shown}`)
  return shown
}
const words = ['5 minutes', 'every 5 minutes', 'an hour', 'half an hour', 'a week', '1 hour 30 mins', '5 min']
const holds = words.map(pause).join() === '300000 ms,0 ms,0 ms,0 ms,0 ms,3600000 ms,refused in failReason'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
