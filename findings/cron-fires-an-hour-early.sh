#!/usr/bin/env bash
# cron 4.4.0: on the night when clocks go back, a job runs an hour early, at a time its expression does not name, and again.
#
# Guess: "15 3 * * *" runs once a day at 03:15. When clocks go back, at most a time inside the repeated hour could run twice.
# What happens: on that night the time that was found is moved back by an hour, also when it lies after the repeated hour. The next
#   search finds the real time, so there are two runs.
# Seen, Europe/Berlin, 2024-10-27: "15 3 * * *" runs at 02:15 and at 03:15; "0 */3 * * *" at 02:00 and 03:00. Africa/Cairo: the job
#   for midnight, "0 0 * * *", runs on 2024-10-31 at 23:00 and again at 00:00. cron-parser 5.10.6 and croner 11.0.1: once each.
# Why it matters: a nightly sync or a daily report runs twice, the first time on the day before, where "today" is the wrong day and
#   the totals lack an hour. It happens on one night a year, and not at all with a machine and jobs in UTC.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts cron@4.4.0 cron-parser@5.10.6 croner@11.0.1
cat > run.mjs <<'JS'
import { mock } from 'node:test'
import { CronJob } from 'cron'
import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'

const count = 3
const shown = (dates, zone) =>
  dates.map((date) => new Date(date).toLocaleString('sv', { timeZone: zone }).slice(5, 16)).join(', ')
// The job runs on the clock of the test, minute by minute.
function runsOfJob(cronTime, timeZone, from) {
  mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval'], now: new Date(from) })
  const runs = []
  const job = CronJob.from({ cronTime, timeZone, start: true, onTick: () => runs.push(Date.now()) })
  for (let minute = 0; runs.length < count && minute < 4 * 24 * 60; minute++) mock.timers.tick(60_000)
  job.stop()
  mock.timers.reset()
  return runs
}
function runs(expression, zone, from) {
  const byCron = shown(runsOfJob(expression, zone, from), zone)
  const parsed = CronExpressionParser.parse(expression, { tz: zone, currentDate: from })
  const byParser = shown(Array.from({ length: count }, () => parsed.next().toDate()), zone)
  const byCroner = shown(new Cron(expression, { timezone: zone, paused: true }).nextRuns(count, from), zone)
  console.log(`${expression} in ${zone}: cron ${byCron}; cron-parser ${byParser}; croner ${byCroner}`)
  return `${byCron} | ${byParser === byCroner ? byCroner : 'the other two disagree'}`
}
const seen = [
  runs('15 3 * * *', 'Europe/Berlin', '2024-10-26T20:00:00Z'),
  runs('0 */3 * * *', 'Europe/Berlin', '2024-10-26T23:00:00Z'),
  runs('0 0 * * *', 'Africa/Cairo', '2024-10-31T12:00:00Z'),
]
const expected = [
  '10-27 02:15, 10-27 03:15, 10-28 03:15 | 10-27 03:15, 10-28 03:15, 10-29 03:15',
  '10-27 02:00, 10-27 03:00, 10-27 06:00 | 10-27 03:00, 10-27 06:00, 10-27 09:00',
  '10-31 23:00, 11-01 00:00, 11-02 00:00 | 11-01 00:00, 11-02 00:00, 11-03 00:00',
]
const holds = seen.join() === expected.join()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node --no-warnings run.mjs
