/** HubSpot's own app hosts: `app.hubspot.com` and one per hublet, such as `app-eu1.hubspot.com`. */
const hubspotAppHost = /^app(-[a-z]{2}[0-9]{1,2})?\.hubspot\.com$/
const maxLength = 2048

/**
 * Checks where a marketplace install wants to go back to. Parsed as browsers do and written again,
 * never put together from text.
 * @param authorizeUrl the configured authorize URL: where it is not HubSpot's (the simulator), its
 *   origin counts as well
 * @returns the URL, or `null` for anything but a page of HubSpot's app
 * @see docs/security-checklist.md#a18
 */
export function parseReturnUrl(text: unknown, authorizeUrl: string): URL | null {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxLength) return null
  // What browsers repair on their own (white space, control characters, backslashes), nobody honest
  // sends.
  if (!/^https?:\/\/[\x21-\x7E]+$/.test(text) || text.includes('\\')) return null
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return null
  }
  if (url.username !== '' || url.password !== '') return null
  // `https://app.hubspot.com%2f@…` and its like: the host must stand in the text as it was
  // understood.
  const host = /^https?:\/\/([^/?#]*)/.exec(text)?.[1]?.toLowerCase()
  if (host !== url.host) return null
  if (url.protocol === 'https:' && url.port === '' && hubspotAppHost.test(url.hostname)) return url
  const simulator = new URL(authorizeUrl)
  return !hubspotAppHost.test(simulator.hostname) && url.origin === simulator.origin ? url : null
}

/** @returns the URL with our `state` added to its query */
export function withState(returnUrl: URL, state: string): string {
  const url = new URL(returnUrl)
  url.searchParams.set('state', state)
  return url.href
}
