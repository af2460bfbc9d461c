#!/usr/bin/env bash
# mongodb 7.7.0, 7.8.0 and 7.9.0: a minor version switches timeoutMS off.
#
# Guess: timeoutMS: 300 on the client ends every operation after 300 ms, in all of 7.x.
# What happens: up to 7.7.0 it does. From 7.8.0 on the option is accepted, one line on stderr calls it deprecated, and it does
#   nothing: no operation has a limit any more.
# Seen: a server that takes commands and does not answer. 7.7.0: MongoOperationTimeoutError after 300 ms. 7.8.0 and 7.9.0:
#   still waiting after 3 s.
# Why it matters: a sync that relied on it, for a health check or for the lease of a run, waits without end behind a
#   database that stands still. The update is a minor one, and no test fails while the database answers.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts \
  mongodb77@npm:mongodb@7.7.0 mongodb78@npm:mongodb@7.8.0 mongodb79@npm:mongodb@7.9.0
cat > run.mjs <<'JS'
import net from 'node:net'
import { createRequire } from 'node:module'

process.removeAllListeners('warning') // the line about the deprecation
const require = createRequire(import.meta.url)
const { BSON } = require('mongodb79')
// As much of a server as a connection needs: it greets, and leaves `ping` unanswered.
const hello = Buffer.from(BSON.serialize({ ok: 1, isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21 }))
const server = net.createServer((socket) => {
  socket.on('error', () => {})
  let data = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    data = Buffer.concat([data, chunk])
    while (data.length >= 16 && data.length >= data.readInt32LE(0)) {
      const message = data.subarray(0, data.readInt32LE(0))
      data = data.subarray(message.length)
      const modern = message.readInt32LE(12) === 2013 // OP_MSG; the first hello is an OP_QUERY, answered by OP_REPLY
      if (modern && message.includes('ping')) continue
      const head = Buffer.alloc(modern ? 21 : 36)
      head.writeInt32LE(head.length + hello.length, 0)
      head.writeInt32LE(message.readInt32LE(4), 8)
      head.writeInt32LE(modern ? 2013 : 1, 12)
      if (!modern) head.writeInt32LE(1, 32)
      socket.write(Buffer.concat([head, hello]))
    }
  })
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const seen = []
for (const name of ['mongodb77', 'mongodb78', 'mongodb79']) {
  const { MongoClient } = require(name)
  const uri = `mongodb://127.0.0.1:${server.address().port}/?directConnection=true`
  const client = new MongoClient(uri, { timeoutMS: 300, serverSelectionTimeoutMS: 2000 })
  await client.connect()
  const start = Date.now()
  const ping = client.db('example').command({ ping: 1 }).then(() => 'ok', (error) => error.constructor.name)
  seen.push(await Promise.race([ping, new Promise((done) => setTimeout(done, 3000, 'still waiting'))]))
  console.log(`${name}: ${seen.at(-1)} after ${Date.now() - start} ms`)
}
const holds = seen.join() === 'MongoOperationTimeoutError,still waiting,still waiting'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
