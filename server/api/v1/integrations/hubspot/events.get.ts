import { defineRoute } from '../../../../http/define-route'
import { sendEventStream } from '../../../../http/event-stream'

export default defineRoute({ role: 'member' }, async ({ event, services, signedIn }) => {
  const place = await services.openStreams.take(signedIn.sessionId.toHexString())
  try {
    await sendEventStream(event, {
      mayContinue: async () =>
        (await services.accounts.sessions.isLive(event)) && (await place.keep()),
      subscribe: send =>
        services.events.subscribe(signedIn.partner.id, ({ event: name, data }) => send(name, data)),
      onDrain: callback => services.health.onDrain(callback),
    })
  } finally {
    await place.leave()
  }
})
