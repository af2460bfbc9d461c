#!/usr/bin/env bash
# eventsource 4.1.1, undici 7.30.2 and @microsoft/fetch-event-source 2.0.1: three answers to an event with an id and no data.
#
# Guess: a block of `id: 5` without data moves the position silently, as the HTML standard says: nothing is delivered, and a
#   reconnect asks with Last-Event-ID: 5. A block of comments does nothing.
# What happens: undici does that. eventsource forgets the 5. fetch-event-source remembers it, but delivers the block, and
#   the block of comments as well, as messages with empty data.
# Seen: after `id: 4` with data, `id: 5` alone and a comment, the reconnect sends 5 (undici), 4 (eventsource), 5
#   (fetch-event-source); messages of the first connection: 1, 1, 3.
# Why it matters: such blocks keep a stream of sync progress alive and move its position. One client reads events twice,
#   another fails in JSON.parse('') at every heartbeat. Send data with each id, and skip empty data when reading.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts eventsource@4.1.1 undici@7.30.2 @microsoft/fetch-event-source@2.0.1
cat > run.mjs <<'JS'
import http from 'node:http'
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { EventSource as FromPackage } from 'eventsource'
import { EventSource as FromUndici } from 'undici'

process.removeAllListeners('warning') // undici calls its EventSource experimental
async function against(start) {
  const messages = []
  let connections = 0
  let stop
  const resumed = await new Promise((resolve) => {
    const server = http.createServer((request, response) => {
      if (++connections === 2) return resolve(request.headers['last-event-id']), response.writeHead(204).end(), server.close()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('retry: 50\nid: 4\ndata: {}\n\nid: 5\n\n: still there\n\n')
      setTimeout(() => response.end(), 100)
    })
    server.listen(0, () => (stop = start(`http://127.0.0.1:${server.address().port}/`, (data) => messages.push(data))))
  })
  stop()
  return `${resumed}, ${messages.length} message(s)`
}
const standard = (EventSource) => (url, add) => {
  const source = new EventSource(url)
  source.onmessage = ({ data }) => add(data)
  return () => source.close()
}
// fetch-event-source expects a page around it.
globalThis.window = { setTimeout, clearTimeout, fetch }
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }
const microsoft = (url, add) => {
  const control = new AbortController()
  const again = () => { throw new Error('connect again') }
  fetchEventSource(url, { signal: control.signal, onmessage: ({ data }) => add(data), onclose: again, onerror: () => 50 }).catch(() => {})
  return () => control.abort()
}
const seen = [await against(standard(FromUndici)), await against(standard(FromPackage)), await against(microsoft)]
console.log(`Last-Event-ID and messages: undici ${seen[0]}; eventsource ${seen[1]}; fetch-event-source ${seen[2]}`)
const holds = seen.join('; ') === '5, 1 message(s); 4, 1 message(s); 5, 3 message(s)'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
