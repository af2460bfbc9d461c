import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import {
  answeredBy,
  answerTo,
  bodyOf,
  commandOf,
  createFramer,
  type WireCommand,
} from './mongo-wire'

/** What happens to a command that a fault hits. */
export type FaultAction =
  /** The connection breaks: the command never arrives, or it was carried out and its answer is lost */
  | { kind: 'cut'; when: 'before' | 'after' }
  /** The command arrives so much later */
  | { kind: 'delay'; ms: number }
  /** The command is never answered, and the connection stays open */
  | { kind: 'hold' }
  /** The command never arrives; this is answered instead, as a server would */
  | { kind: 'refuse'; code: number; codeName?: string; labels?: readonly string[] }
  /** The command is carried out, and the answer says that too few servers have confirmed it */
  | { kind: 'unconfirmed'; code: number }

export interface Fault {
  /** Names of commands; any when left out */
  commands?: readonly string[]
  /** Names of collections; any when left out */
  collections?: readonly string[]
  /** Texts that the command's bytes hold */
  holds?: readonly string[]
  /** How many commands it hits; default 1, `null` for all until it is cleared */
  times?: number | null
  /** Share of the matching commands that it hits, 0 to 1; default 1 */
  share?: number
  action: FaultAction
}

/** Commands that change something. */
export const writeCommands = [
  'insert',
  'update',
  'delete',
  'findAndModify',
  'createIndexes',
  'create',
  'bulkWrite',
] as const
/** Commands by which a driver looks at a server; no fault hits them unless it names them. */
const driversOwn = ['hello', 'isMaster', 'ismaster', 'endSessions', 'killCursors']

const codeNames: Record<number, string> = {
  13: 'Unauthorized',
  64: 'WriteConcernFailed',
  91: 'ShutdownInProgress',
  189: 'PrimarySteppedDown',
  262: 'ExceededTimeLimit',
  10107: 'NotWritablePrimary',
  11600: 'InterruptedAtShutdown',
  11602: 'InterruptedDueToReplStateChange',
  13435: 'NotPrimaryNoSecondaryOk',
  14031: 'OutOfDiskSpace',
}

/**
 * Stands between clients and a MongoDB of one host and understands what they say to each other. Its
 * address stays while the engine behind it is killed and opened anew. Faults are put on single
 * commands and collections.
 * @param random decides with `share`, 0 to 1
 */
export async function startMongoProxy(
  firstUri: string,
  port = 0,
  random: () => number = Math.random,
) {
  let target = firstUri
  let faults: (Fault & { left: number })[] = []
  let isFrozen = false
  const hits: Record<FaultAction['kind'], number> = {
    cut: 0,
    delay: 0,
    hold: 0,
    refuse: 0,
    unconfirmed: 0,
  }
  const sockets = new Set<Socket>()
  /** Ends a connection on both sides, each by its own function */
  const ends = new Set<() => void>()
  const clients = new Set<Socket>()
  /** Those that carried a command which is not a driver's own */
  const used = new Set<Socket>()
  let seen: string[] = []

  function faultFor(command: WireCommand): Fault | undefined {
    const found = faults.find(
      fault =>
        fault.left > 0 &&
        (fault.commands?.includes(command.name) ?? !driversOwn.includes(command.name)) &&
        (fault.collections?.includes(command.collection ?? '') ?? true) &&
        (fault.holds?.every(text => command.bytes.includes(text)) ?? true) &&
        (fault.share === undefined || random() < fault.share),
    )
    if (found) {
      found.left -= 1
      hits[found.action.kind] += 1
    }
    return found
  }

  function accept(client: Socket): void {
    const upstream = connect(target)
    // Reset, as by a kill. (On an end, the driver's monitor may write in the same moment and wait
    // for ever for that.)
    const end = () => {
      ends.delete(end)
      clients.delete(client)
      used.delete(client)
      client.resetAndDestroy()
      upstream.destroy()
    }
    ends.add(end)
    clients.add(client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end).once('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    if (isFrozen) freeze(client, upstream)

    /** Faults of commands whose answers are not here yet, by the command's id */
    const answers = new Map<number, FaultAction>()
    const fromClient = createFramer()
    client.on('data', bytes => {
      for (const message of fromClient(bytes)) {
        const command = commandOf(message)
        if (command && !driversOwn.includes(command.name)) {
          seen.push(`${command.name} ${command.collection ?? ''}`)
          used.add(client)
        }
        const action = command ? faultFor(command)?.action : undefined
        if (!command || !action) {
          upstream.write(message)
          continue
        }
        switch (action.kind) {
          case 'cut':
            if (action.when === 'before') return end()
            answers.set(command.requestId, action)
            upstream.write(message)
            break
          case 'unconfirmed':
            answers.set(command.requestId, action)
            upstream.write(message)
            break
          case 'delay':
            setTimeout(() => upstream.writable && upstream.write(message), action.ms).unref()
            break
          case 'refuse':
            client.write(answerTo(command.requestId, refusal(action)))
            break
          case 'hold':
            break
        }
      }
    })
    const fromServer = createFramer()
    upstream.on('data', bytes => {
      for (const message of fromServer(bytes)) {
        const action = answers.get(answeredBy(message))
        answers.delete(answeredBy(message))
        if (action?.kind === 'cut') return end()
        client.write(action?.kind === 'unconfirmed' ? unconfirmed(message, action.code) : message)
      }
    })
  }

  let server = createServer(accept)
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(at, '127.0.0.1', resolve),
    )
  await listen(port)
  const ownPort = (server.address() as AddressInfo).port

  function inject(fault: Fault): void {
    faults.push({ ...fault, left: fault.times === null ? Infinity : (fault.times ?? 1) })
  }

  const proxy = {
    uri: firstUri.replace(new URL(firstUri).host, `127.0.0.1:${ownPort}`),
    /** Leads new connections to another engine. */
    leadTo(uri: string): void {
      target = uri
    },
    inject,
    clearFaults(): void {
      faults = []
    },
    /** Cuts the connection of the next command that holds these texts. */
    cutNext(holds: readonly string[], when: 'before' | 'after'): void {
      inject({ holds, action: { kind: 'cut', when } })
    },
    /** How many commands were hit so far */
    hits: (kind: FaultAction['kind']): number => hits[kind],
    cuts: () => hits.cut,
    /** Commands since the last look, as `find leads`; without what a driver asks for itself */
    takeCommands(): string[] {
      const taken = seen
      seen = []
      return taken
    },
    /** Nothing goes either way any more, and no connection ends: a server that stands still. */
    freeze(): void {
      isFrozen = true
      freeze(...sockets)
    },
    /**
     * The same for open connections that carried commands. New ones are served, and so are the
     * driver's own by which it looks at the server.
     */
    freezeUsed(): void {
      freeze(...used)
    },
    /** What was held back goes on. */
    thaw(): void {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    /** Every connection breaks; new ones are taken. */
    breakAll(): void {
      for (const end of ends) end()
    },
    /**
     * Ends every connection in good order, the oldest first, as a server that shuts down. Where a
     * command was under way, the driver's monitor, whose connection is the oldest, then waits for
     * ever.
     */
    endAll(): void {
      for (const client of clients) client.end()
    },
    /** Every connection breaks, new ones are refused. */
    async goDown(): Promise<void> {
      const closed = new Promise(resolve => server.close(resolve))
      for (const end of ends) end()
      await closed
    },
    /** Listens again, at the same address. */
    async comeUp(): Promise<void> {
      server = createServer(accept)
      await listen(ownPort)
    },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    },
  }
  return proxy
}
export type MongoProxy = Awaited<ReturnType<typeof startMongoProxy>>

function freeze(...sockets: Socket[]): void {
  for (const socket of sockets) socket.pause()
}

function refusal({ code, codeName, labels = [] }: FaultAction & { kind: 'refuse' }) {
  return {
    ok: 0,
    errmsg: 'refused by a test',
    code,
    codeName: codeName ?? codeNames[code] ?? 'Error',
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}

function unconfirmed(message: Buffer, code: number): Buffer {
  return answerTo(answeredBy(message), {
    ...bodyOf(message),
    writeConcernError: {
      code,
      codeName: codeNames[code] ?? 'Error',
      errmsg: 'not confirmed, by a test',
    },
  })
}

function connect(uri: string): Socket {
  const { host, hostname, port } = new URL(uri)
  const path = decodeURIComponent(host)
  return path.startsWith('/')
    ? createConnection({ path })
    : createConnection({ host: hostname, port: Number(port || 27_017) })
}
