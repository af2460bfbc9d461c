import { uiDomain } from '../data/portals'
import { json, noContent } from '../http'
import { refuseBody } from './bodies'
import { methodNotAllowed, type ApiHandler } from './call'

export const accountDetails: ApiHandler = ({ portal, request, requireScope }) => {
  if (request.method !== 'GET') throw methodNotAllowed()
  requireScope('oauth')
  const { id, accountType, timeZone, currency, additionalCurrencies, hublet } = portal.description
  const utcOffsetMilliseconds = offsetOf(timeZone)
  const minutes = Math.abs(utcOffsetMilliseconds) / 60_000
  const two = (value: number) => String(value).padStart(2, '0')
  return json(200, {
    portalId: id,
    accountType,
    timeZone,
    companyCurrency: currency,
    additionalCurrencies,
    utcOffset: `${utcOffsetMilliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`,
    utcOffsetMilliseconds,
    uiDomain: uiDomain(portal.description),
    dataHostingLocation: hublet,
  })
}

/** Minutes matter to nobody here: the zone's offset at the beginning of 2026. */
function offsetOf(timeZone: string): number {
  const at = Date.UTC(2026, 0, 1)
  const local = new Date(at).toLocaleString('en-US', { timeZone, hourCycle: 'h23' })
  return Date.parse(`${local} UTC`) - at
}

export const uninstall: ApiHandler = ({ world, portal, request, requireScope }) => {
  if (request.method !== 'DELETE') throw methodNotAllowed()
  requireScope('oauth')
  refuseBody(request)
  world.grants.uninstall(portal.description.id)
  return noContent()
}
