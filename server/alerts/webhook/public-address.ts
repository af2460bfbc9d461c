import { BlockList, isIP } from 'node:net'

export interface HostAddress {
  address: string
  family: 4 | 6
}

/** What a name resolves to, as `dns.lookup` with `all` answers. */
export type ResolveHost = (host: string) => Promise<HostAddress[]>

/** Networks of IPv4 that no public host is in (RFC 6890 and its successors). */
const notPublic = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  notPublic.addSubnet(network, prefix)

/** Of IPv6 only global unicast is public, and of that not what leads to IPv4 or is documentation. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
const notPublic6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  notPublic6.addSubnet(network, prefix, 'ipv6')

/** @returns whether an address belongs to the public internet */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address)
    case 6:
      return global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
    default:
      return false
  }
}

export type AddressProblem = 'no_such_host' | 'not_public'

/**
 * The address to connect to: whoever connects by it and not by the name meets no other host, should
 * the name resolve otherwise a moment later.
 * @param host of a URL; an IPv6 address in its brackets
 * @param anywhere `true`: private addresses as well (development)
 * @returns the first address, or why there is none: all of a name's addresses have to be public
 */
export async function addressOf(
  host: string,
  { resolve, anywhere }: { resolve: ResolveHost; anywhere: boolean },
): Promise<HostAddress | AddressProblem> {
  const bare = host.replace(/^\[|\]$/g, '')
  const family = isIP(bare)
  const found =
    family === 4 || family === 6
      ? [{ address: bare, family } as const]
      : await resolve(bare).catch(() => [])
  const [first] = found
  if (!first) return 'no_such_host'
  return anywhere || found.every(({ address }) => isPublicAddress(address)) ? first : 'not_public'
}
