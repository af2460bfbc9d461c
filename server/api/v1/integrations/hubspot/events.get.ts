import { defineRoute } from '../../../../http/define-route'
import { sendEventStream } from '../../../../http/event-stream'
import { takeStreamSlot } from '../../../../http/stream-slots'

export default defineRoute({ role: 'member' }, async ({ event, services, signedIn }) => {
  const leave = takeStreamSlot(signedIn.sessionId.toHexString())
  try {
    await sendEventStream(event, {
      mayContinue: () => services.accounts.sessions.isLive(event),
      subscribe: send =>
        services.events.subscribe(signedIn.partner.id, ({ event: name, data }) => send(name, data)),
      onDrain: callback => services.health.onDrain(callback),
    })
  } finally {
    leave()
  }
})
