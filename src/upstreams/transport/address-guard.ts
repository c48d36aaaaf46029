import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

/** Hosts on which private addresses may be reached: names are matched as given in a URL, addresses on the one connected to. */
export interface AllowList {
  name(host: string): boolean
  address(ip: string): boolean
}

export type UrlVerdict =
  { type: 'ok' } | { type: 'forbidden'; message: string } | { type: 'invalid'; message: string }

/** Vendors' signed URLs stay below 2,000 characters. */
const maxUrl = 8_192

/** The only part of IPv6 that is handed out; loopback, mapped, NAT64 and private addresses lie outside. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Entries are host names, addresses or CIDR ranges. Throws for a range that is none. */
export function createAllowList(entries: readonly string[]): AllowList {
  const names = new Set<string>()
  const ranges: Array<[ipaddr.IPv4 | ipaddr.IPv6, number]> = []
  for (const entry of entries) {
    const text = bareHost(entry)
    if (text.includes('/')) ranges.push(ipaddr.parseCIDR(text))
    else if (isIP(text) === 0) names.add(text)
    else ranges.push(whole(ipaddr.process(text)))
  }
  return {
    name: (host) => names.has(bareHost(host)),
    address(ip) {
      const address = ipaddr.process(ip)
      return ranges.some(
        ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
      )
    },
  }
}

function whole(address: ipaddr.IPv4 | ipaddr.IPv6): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** Whether a connection to this address may be made: it is public, or allowed. */
export function isReachable(ip: string, allow: AllowList): boolean {
  return isPublic(ip) || allow.address(ip)
}

function isPublic(ip: string): boolean {
  const address = ipaddr.process(ip)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || address.match(globalUnicast)
}

/**
 * What can be said about a URL without asking the DNS: http or https, no user name or password, and a host that is not
 * itself a private address. The URL parser has already undone decimal, octal, hex and short forms of IPv4.
 */
export function checkRemoteUrl(url: string, allow: AllowList): UrlVerdict {
  if (url.length > maxUrl) return { type: 'invalid', message: `The URL is longer than ${maxUrl} characters.` }
  const parsed = URL.parse(url)
  if (parsed === null) return { type: 'invalid', message: 'This is not a URL.' }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return { type: 'forbidden', message: 'Only http and https URLs are fetched.' }
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { type: 'forbidden', message: 'A URL with a user name or password is not fetched.' }
  }
  return isHostReachable(bareHost(parsed.hostname), allow)
    ? { type: 'ok' }
    : { type: 'forbidden', message: 'The host is not a public address.' }
}

function isHostReachable(host: string, allow: AllowList): boolean {
  if (allow.name(host)) return true
  if (isIP(host) !== 0) return isReachable(host, allow)
  const isLoopback = host === 'localhost' || host.endsWith('.localhost')
  return host !== '' && (!isLoopback || allow.address('127.0.0.1') || allow.address('::1'))
}

/** A host without the brackets of IPv6 and the dot of a fully qualified name. */
export function bareHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
