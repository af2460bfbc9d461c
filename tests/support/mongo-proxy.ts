import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

/** What to do to the connection that sends a matching command, once. */
interface Cut {
  /** Texts that the command's bytes hold, such as its name and its collection's */
  holds: readonly string[]
  /** `before`: the command never arrives. `after`: it was carried out, and its answer is lost. */
  when: 'before' | 'after'
}

/**
 * Stands between clients and a MongoDB of one host: an address that stays while the engine behind
 * it is killed and opened anew, and connections that break in the middle of a chosen command.
 */
export async function startMongoProxy(firstUri: string, port = 0) {
  let target = firstUri
  let cut: Cut | null = null
  let cuts = 0
  const sockets = new Set<Socket>()

  const server = createServer(client => {
    const upstream = connect(target)
    const both = [client, upstream]
    // Reset, as by a kill. (On an end, the driver's monitor may write in the same moment and wait
    // for ever for that.)
    const end = () => {
      client.resetAndDestroy()
      upstream.destroy()
    }
    for (const socket of both) {
      sockets.add(socket)
      socket.on('error', end).once('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    let isCut = false
    client.on('data', bytes => {
      if (cut?.holds.every(text => bytes.includes(text))) {
        const { when } = cut
        cut = null
        cuts += 1
        if (when === 'before') return end()
        isCut = true
      }
      upstream.write(bytes)
    })
    upstream.on('data', bytes => (isCut ? end() : client.write(bytes)))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))

  return {
    uri: firstUri.replace(
      new URL(firstUri).host,
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ),
    /** Leads new connections to another engine. */
    leadTo(uri: string): void {
      target = uri
    },
    cutNext(holds: readonly string[], when: Cut['when']): void {
      cut = { holds, when }
    },
    /** How many connections were cut so far */
    cuts: () => cuts,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
export type MongoProxy = Awaited<ReturnType<typeof startMongoProxy>>

function connect(uri: string): Socket {
  const { host, hostname, port } = new URL(uri)
  const path = decodeURIComponent(host)
  return path.startsWith('/')
    ? createConnection({ path })
    : createConnection({ host: hostname, port: Number(port || 27_017) })
}
