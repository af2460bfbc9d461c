function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}

export function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

/** @returns what is wrong with an outgoing or authorize base URL, or `null` */
export function remoteUrlProblem(name: string, text: string): string | null {
  const url = parseUrl(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return `${name} must be an https URL.`
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return `${name} may use http only for the loopback interface; use https.`
  if (url.username || url.password || url.hash)
    return `${name} must not carry a user name, a password or a fragment.`
  return null
}

/** @returns whether a connection to MongoDB leaves this machine in clear */
export function isPlainRemoteMongo(uri: string): boolean {
  const [, srv, hosts = '', options = ''] =
    /^mongodb(\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/.exec(uri) ?? []
  if (srv !== undefined) return /(^|&)(tls|ssl)=false(&|$)/i.test(options)
  if (/(^|&)(tls|ssl)=true(&|$)/i.test(options)) return false
  return hosts
    .split(',')
    .some(host => !host.startsWith('%2F') && !isLoopback(host.replace(/:\d+$/, '')))
}

/**
 * HubSpot's own rules for a redirect URL: https, or http where the host is localhost; a domain, not
 * an IP address; no fragment.
 */
export function redirectUriProblem(text: string): string | null {
  const name = 'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'
  const url = parseUrl(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return (
      `${name} must be an absolute URL, such as ` +
      'https://app.example.com/v1/integrations/hubspot/callback.'
    )
  if (url.protocol === 'http:' && url.hostname !== 'localhost')
    return `${name} must use https (http is allowed for localhost only).`
  if (/^[\d.]+$|^\[/.test(url.hostname))
    return `${name} must name a domain: HubSpot does not accept IP addresses.`
  if (url.username || url.password || url.hash)
    return `${name} must not carry a user name, a password or a fragment.`
  if (url.search) return `${name} must not carry a query.`
  if (!/^(\/api)?\/v1\/integrations\/hubspot\/callback$/.test(url.pathname))
    return (
      `${name} must end in /v1/integrations/hubspot/callback, without a trailing slash: ` +
      'HubSpot compares it letter by letter.'
    )
  return null
}
