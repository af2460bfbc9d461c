#!/usr/bin/env bash
# mongodb 7.9.0: if the first operation finds no server, the client never recovers by itself.
#
# Guess: a client connects when it is first used; once the database is up, the next operation works. It does so after an
#   outage, so it does so at the start too.
# What happens: a failed first selection closes the topology for good. Each later operation fails at once with
#   MongoTopologyClosedError, also when the server has long been up. Only an explicit connect() heals the client.
# Seen: server down, up: a client that had worked before works again. A client whose first ping failed: TopologyClosed after
#   the server is up, TopologyClosed again, connect() works, ping works.
# Why it matters: a sync service that starts a second before its database stays broken until somebody restarts it, while
#   the outage one tested, in the middle of a run, heals. Call connect() again whenever the first use failed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts mongodb@7.9.0
cat > run.mjs <<'JS'
import net from 'node:net'
import { BSON, MongoClient } from 'mongodb'

// As much of a server as the driver needs: it answers every command with the same ok.
const ok = Buffer.from(BSON.serialize({ ok: 1, isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21 }))
function serve(port) {
  const sockets = new Set()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let data = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk])
      while (data.length >= 16 && data.length >= data.readInt32LE(0)) {
        const message = data.subarray(0, data.readInt32LE(0))
        data = data.subarray(message.length)
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
  const stop = () => (sockets.forEach((socket) => socket.destroy()), new Promise((done) => server.close(done)))
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done({ port: server.address().port, stop })))
}
const outcome = (promise) => promise.then(() => 'ok', (error) => error.constructor.name)
const ping = (client) => outcome(client.db('example').command({ ping: 1 }))
const options = { serverSelectionTimeoutMS: 1000 }

let server = await serve(0)
const uri = `mongodb://127.0.0.1:${server.port}/?directConnection=true`
const lucky = new MongoClient(uri, options)
const before = await ping(lucky)
await server.stop()
const during = await ping(lucky)
const unlucky = new MongoClient(uri, options)
const first = await ping(unlucky)
server = await serve(server.port)
const after = await ping(lucky)
const second = [await ping(unlucky), await ping(unlucky)]
const healed = [await outcome(unlucky.connect()), await ping(unlucky)]
console.log(`worked before the outage: ${before}, during: ${during}, after: ${after}`)
console.log(`first used in the outage: ${first}, after: ${second.join(', ')}; connect(): ${healed[0]}, then: ${healed[1]}`)
await Promise.all([lucky.close(), unlucky.close()])
await server.stop()
const holds =
  before === 'ok' && during !== 'ok' && after === 'ok' && first === 'MongoServerSelectionError' &&
  second.every((name) => name === 'MongoTopologyClosedError') && healed.every((word) => word === 'ok')
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
