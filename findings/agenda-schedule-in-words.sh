#!/usr/bin/env bash
# agenda 6.2.6 (with date.js 0.3.3): "in 1.5 hours" is five past one tomorrow night.
#
# Guess: schedule(when) understands a time in words, or throws.
# What happens: "1.5" is read as a clock time, 1:05; so is "half an hour", as 0:05. A second unit is added to the first one's.
#   Words that mean nothing are left out, and what is left may be nothing: then the job is due now. No error in any case.
# Seen at 10:00 UTC: "in 90 minutes" 11:30; "in 1.5 hours" 01:05 of the next day; "in half an hour" 00:05 of the next day;
#   "in 10 minutes and 30 seconds" 10:40; "day after tomorrow" tomorrow; "end of month" now.
# Why it matters: a pause until HubSpot's limit is reset ends in the middle of the night, or at once. Compute a Date.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts agenda@6.2.6
cat > run.mjs <<'JS'
process.env.TZ = 'UTC'
const now = Date.parse('2024-05-01T10:00:00Z')
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length ? parts : [now]))
  }
  static now() {
    return now
  }
}
const { Job } = await import('agenda')
const when = (words) => {
  const job = new Job({ attrs: {} }, { name: 'sync', type: 'normal', data: {} }).schedule(words)
  const shown = job.attrs.nextRunAt.toISOString().slice(5, 16)
  console.log(`${words}: ${shown}`)
  return shown
}
const words = ['in 90 minutes', 'in 1.5 hours', 'in half an hour', 'in 10 minutes and 30 seconds', 'day after tomorrow', 'end of month']
const holds =
  words.map(when).join() === '05-01T11:30,05-02T01:05,05-02T00:05,05-01T10:40,05-02T10:00,05-01T10:00'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
