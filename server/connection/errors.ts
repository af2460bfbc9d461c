import { DomainError } from '../errors'

export class NotConnected extends DomainError {
  constructor() {
    super('hubspot_not_connected', 'HubSpot is not connected. Connect it in the settings first.')
  }
}

export class ReauthorizationRequired extends DomainError {
  constructor() {
    super(
      'hubspot_reauthorization_required',
      'HubSpot no longer accepts this connection. An admin has to connect again in the settings.',
    )
  }
}

export class HubspotUnavailable extends DomainError {
  /** @param retryAfterMs milliseconds after which trying again can help */
  constructor(
    retryAfterMs: number,
    message = 'HubSpot cannot be reached at the moment. Nothing was lost; it is tried again by itself.',
  ) {
    super('hubspot_unavailable', message, {
      retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
    })
  }
}
