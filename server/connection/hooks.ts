import type { ObjectId } from 'mongodb'
import { errorFields, type Log } from '../observability/log'

export type ConnectedListener = (partnerId: ObjectId, portalId: string) => Promise<void>
export type DisconnectedListener = (partnerId: ObjectId, portalId: string | null) => Promise<void>
export type PausedListener = (partnerId: ObjectId) => Promise<void>

/**
 * Tells others about connections made, paused and ended. A listener that fails is logged; what it
 * was told about goes on.
 */
export function createConnectionHooks({ log }: { log: Log }) {
  const onConnected: ConnectedListener[] = []
  const onDisconnected: DisconnectedListener[] = []
  const onPaused: PausedListener[] = []
  async function each(listeners: (() => Promise<void>)[], partnerId: ObjectId): Promise<void> {
    for (const listener of listeners) {
      try {
        await listener()
      } catch (error) {
        log.error(
          {
            event: 'connection_listener_failed',
            partnerId: partnerId.toHexString(),
            ...errorFields(error),
          },
          'A listener of the connection failed',
        )
      }
    }
  }
  return {
    onConnected: (listener: ConnectedListener) => void onConnected.push(listener),
    onDisconnected: (listener: DisconnectedListener) => void onDisconnected.push(listener),
    onPaused: (listener: PausedListener) => void onPaused.push(listener),
    connected: (partnerId: ObjectId, portalId: string) =>
      each(
        onConnected.map(listener => () => listener(partnerId, portalId)),
        partnerId,
      ),
    disconnected: (partnerId: ObjectId, portalId: string | null) =>
      each(
        onDisconnected.map(listener => () => listener(partnerId, portalId)),
        partnerId,
      ),
    paused: (partnerId: ObjectId) =>
      each(
        onPaused.map(listener => () => listener(partnerId)),
        partnerId,
      ),
  }
}
export type ConnectionHooks = ReturnType<typeof createConnectionHooks>
