import { Connection, SettingsPatch } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { assertProven } from '../../../../http/authenticate'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: SettingsPatch, response: Connection },
  async ({ services, signedIn, body }) => {
    if (body.writeBack === true) assertProven(signedIn, services.clock())
    const connection = await services.connection.updateSettings(
      signedIn.partner.id,
      body,
      userActor(signedIn),
      () => services.sync.current(signedIn.partner.id),
    )
    if (body.writeBack === true) await services.writeBackOpened(signedIn.partner.id)
    return connection
  },
)
