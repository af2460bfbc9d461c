import { createServer } from 'node:net'

/** So many ports behind the wanted one are looked at */
const portsAhead = 100

/** What a machine says that has no such address, or no such family of them (`ipv6.disable=1`) */
const noSuchAddress = new Set<unknown>(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Whether a server can listen on this port of `localhost`, by both address families. */
export async function isPortFree(port: number): Promise<boolean> {
  const listens = (host: string) =>
    new Promise<boolean>(resolve => {
      const server = createServer()
      server.once('error', error => {
        // A machine without IPv6 takes nothing there.
        resolve('code' in error && noSuchAddress.has(error.code))
      })
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
    })
  return (await listens('127.0.0.1')) && (await listens('::1'))
}

export type PortChoice = { port: number; hint: string | null } | { refusal: string }

/**
 * The port to start on. HubSpot compares the redirect URI byte for byte: where it is configured with
 * the taken port, no other port can serve.
 * @param redirectUri as configured; `undefined`: it is made from the port
 */
export async function choosePort(
  wanted: number,
  redirectUri: string | undefined,
  isFree: (port: number) => Promise<boolean> = isPortFree,
): Promise<PortChoice> {
  if (await isFree(wanted)) return { port: wanted, hint: null }
  if (redirectUri !== undefined && redirectUri.includes(`localhost:${wanted}/`))
    return {
      refusal:
        `Port ${wanted} is taken, and the redirect URI ${redirectUri} names it: end what listens ` +
        'there, or configure another port in the redirect URI, in your HubSpot app and with --port.',
    }
  for (let port = wanted + 1; port <= Math.min(wanted + portsAhead, 65_535); port++) {
    if (!(await isFree(port))) continue
    const along = redirectUri === undefined ? '; the redirect URI goes along' : ''
    return { port, hint: `Port ${wanted} is taken: starting on ${port}${along}.` }
  }
  return { refusal: `Port ${wanted} is taken, and so are the ${portsAhead} after it: use --port.` }
}
