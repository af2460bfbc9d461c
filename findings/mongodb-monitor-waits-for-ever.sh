#!/usr/bin/env bash
# mongodb 7.9.0: if the server ends its connections while a command is under way, the client never finds it again.
#
# Guess: the monitor notices an ended connection, makes a new one within a second, and each wait of it has a time limit
#   (`connectTimeoutMS`). So a client recovers when a server ends all connections, the more so if it goes on listening.
# What happens: the failed command wakes the monitor, whose own socket is destroyed by then and has not told it yet. `write`
#   on such a socket returns false, and the monitor waits for `drain` or `error`: neither comes. No time limit holds there,
#   and while it waits no other check is started. Every later operation fails after serverSelectionTimeoutMS, for ever.
# Seen: a client with a command under way, all connections ended (FIN), the oldest first: each later ping fails, also after
#   the next heartbeat was due; a new client's ping works at once. Connections reset (RST) instead: it recovers. Only close() and
#   connect() heal the client.
# Why it matters: a server that restarts or a proxy that is replaced ends connections just so. The process stays up, its health
#   check may use another client, and nothing works until somebody restarts it. Watch what the driver says of its servers
#   (`topologyDescriptionChanged`), and open the client again if it has none while another connection is answered.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts mongodb@7.9.0
cat > run.mjs <<'JS'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { BSON, MongoClient } from 'mongodb'

// As much of a server as the driver needs: it answers every command with the same ok, but for one that it holds.
const ok = Buffer.from(BSON.serialize({ ok: 1, isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21 }))
const sockets = new Set()
const server = net.createServer((socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => {})
  let data = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    data = Buffer.concat([data, chunk])
    while (data.length >= 16 && data.length >= data.readInt32LE(0)) {
      const message = data.subarray(0, data.readInt32LE(0))
      data = data.subarray(message.length)
      if (message.includes('takesLong')) continue
      const modern = message.readInt32LE(12) === 2013 // OP_MSG; the first hello is an OP_QUERY, answered by OP_REPLY
      const head = Buffer.alloc(modern ? 21 : 36)
      head.writeInt32LE(head.length + ok.length, 0)
      head.writeInt32LE(message.readInt32LE(4), 8)
      head.writeInt32LE(modern ? 2013 : 1, 12)
      if (!modern) head.writeInt32LE(1, 32)
      socket.write(Buffer.concat([head, ok]))
    }
  })
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const uri = `mongodb://127.0.0.1:${server.address().port}/?directConnection=true`
const outcome = (promise) => promise.then(() => 'ok', (error) => error.constructor.name)
const ping = (client) => outcome(client.db('example').command({ ping: 1 }))
// Heartbeats come every 10 s: the pings below go on for longer.
const options = { serverSelectionTimeoutMS: 2500, connectTimeoutMS: 1000, socketTimeoutMS: 3000 }

async function story(end) {
  const client = new MongoClient(uri, options)
  const first = await ping(client)
  await delay(1000) // the driver checks a server twice a second at most
  const underWay = outcome(client.db('example').command({ takesLong: 1 }))
  await delay(200)
  for (const socket of [...sockets]) end(socket)
  const broken = await underWay
  const later = []
  for (let turn = 0; turn < 5; turn++) later.push(await ping(client))
  const other = new MongoClient(uri, options)
  const seen = { first, underWay: broken, later: later.join(' '), other: await ping(other) }
  await Promise.all([other.close(), client.close()])
  const healed = `${await outcome(client.connect())} ${await ping(client)}`
  await client.close()
  return { ...seen, healed }
}
const ended = await story((socket) => socket.end())
const reset = await story((socket) => socket.resetAndDestroy())
console.log('ended:', ended)
console.log('reset:', reset)
server.close()
const holds =
  ended.first === 'ok' && ended.later === Array(5).fill('MongoServerSelectionError').join(' ') &&
  ended.other === 'ok' && ended.healed === 'ok ok' && reset.later === 'ok ok ok ok ok'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
