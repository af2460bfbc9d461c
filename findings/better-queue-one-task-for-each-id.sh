#!/usr/bin/env bash
# better-queue 3.8.12: of two changes to one record the first is lost, and its callback says it was done.
#
# Guess: a queue runs each task that is pushed, in order. If it drops one, that one's callback gets an error.
# What happens: a field named id in a task is the task's id. A task with the id of one that still waits takes its place, and the
#   callbacks of both are called with the result of the second. While one runs, another of the same id may run beside it.
# Seen: pushed { id: 7, email }, { id: 7, phone }, { id: 8 }: two tasks run, the e-mail in none of them; three callbacks without
#   an error, the first with the phone. Without id, three tasks run.
# Why it matters: records of HubSpot have an id. Changes to single fields of one contact are lost under load, when the queue is not
#   empty, and are marked as written. Put the record one level deeper, or give `id` another name.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts better-queue@3.8.12
cat > run.mjs <<'JS'
import { createRequire } from 'node:module'

const Queue = createRequire(import.meta.url)('better-queue')
async function push(tasks) {
  const ran = []
  const queue = new Queue((task, done) => {
    ran.push(Object.keys(task.record ?? task).at(-1))
    setTimeout(() => done(null, task), 20)
  })
  const results = await Promise.all(
    tasks.map((task) => new Promise((resolve) => queue.push(task, (error, result) => resolve(error ? 'error' : result)))),
  )
  const told = results.map((result) => Object.keys(result.record ?? result).at(-1))
  console.log(`pushed ${tasks.length}; ran: ${ran.join(', ')}; told to the callbacks: ${told.join(', ')}`)
  return `${ran} / ${told}`
}
const changes = [{ id: 7, email: 'jo@example.com' }, { id: 7, phone: '+15550100' }, { id: 8, city: 'Example' }]
const seen = [await push(changes), await push(changes.map((record) => ({ record })))]
const holds = seen.join('; ') === 'phone,city / phone,phone,city; email,phone,city / email,phone,city'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
