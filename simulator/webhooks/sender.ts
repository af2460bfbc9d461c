import type { AppConfiguration } from '../settings'
import type { ChangeEvent } from '../store/events'

export interface WebhookSender {
  changed(event: ChangeEvent): void
  stop(): void
}

export interface WebhookSenderDeps {
  app: AppConfiguration
  random: () => number
  targetUrl: string | null
  isInstalled(portalId: number): boolean
}

export function createWebhookSender(_deps: WebhookSenderDeps): WebhookSender {
  return { changed() {}, stop() {} }
}
