import type { ObjectId } from 'mongodb'
import { errorFields, type Log } from '../observability/log'

export type ConnectedListener = (partnerId: ObjectId, portalId: string) => Promise<void>
export type DisconnectedListener = (partnerId: ObjectId, portalId: string | null) => Promise<void>

/** Tells others about connections made and ended. A listener that fails is logged; connecting and disconnecting go on. */
export function createConnectionHooks({ log }: { log: Log }) {
  const onConnected: ConnectedListener[] = []
  const onDisconnected: DisconnectedListener[] = []
  async function each(listeners: (() => Promise<void>)[], partnerId: ObjectId): Promise<void> {
    for (const listener of listeners) {
      try {
        await listener()
      }
      catch (error) {
        log.error({ event: 'connection_listener_failed', partnerId: partnerId.toHexString(), ...errorFields(error) }, 'A listener of the connection failed')
      }
    }
  }
  return {
    onConnected: (listener: ConnectedListener) => void onConnected.push(listener),
    onDisconnected: (listener: DisconnectedListener) => void onDisconnected.push(listener),
    connected: (partnerId: ObjectId, portalId: string) => each(onConnected.map(listener => () => listener(partnerId, portalId)), partnerId),
    disconnected: (partnerId: ObjectId, portalId: string | null) => each(onDisconnected.map(listener => () => listener(partnerId, portalId)), partnerId),
  }
}
export type ConnectionHooks = ReturnType<typeof createConnectionHooks>
