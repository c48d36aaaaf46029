import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

/**
 * Hosts whose private addresses may be reached. Names are matched as written in the URL, addresses against the
 * connection's.
 */
export interface AllowList {
  name(host: string): boolean
  address(ip: string): boolean
}

export type UrlVerdict =
  { type: 'ok' } | { type: 'forbidden'; message: string } | { type: 'invalid'; message: string }

/** Signed URLs of vendors are shorter than 2,000 characters. */
const maxUrl = 8_192

/**
 * Allowed ports below 1024. Above, the ports blocked by fetch clients are blocked too, because services on them
 * interpret lines of text as commands (https://fetch.spec.whatwg.org/#port-blocking).
 */
const lowPorts = new Set([80, 443])
const highPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
  6697, 10_080, 11_211,
])

/** A public address that is only reachable inside one cloud, where it serves secrets. */
const hostServices = new Set(['168.63.129.16'])

/** The only assigned range of public IPv6. Loopback, mapped, NAT64 and private addresses are outside of it. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Entries are host names, addresses or CIDR ranges. Throws for an invalid range. */
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

/** Whether connections to this address are allowed: it is public, or on the list. */
export function isReachable(ip: string, allow: AllowList): boolean {
  return isPublic(ip) || allow.address(ip)
}

function isPublic(ip: string): boolean {
  const address = ipaddr.process(ip)
  if (address.range() !== 'unicast' || hostServices.has(address.toString())) return false
  return address.kind() === 'ipv4' || address.match(globalUnicast)
}

/**
 * Checks a URL without DNS: http or https, no user name or password, an HTTP port, and a host that is not itself a
 * private address. The URL parser has already normalized decimal, octal, hex and short forms of IPv4.
 */
export function checkRemoteUrl(url: string, allow: AllowList): UrlVerdict {
  if (url.length > maxUrl) return { type: 'invalid', message: `The URL is longer than ${maxUrl} characters.` }
  const parsed = URL.parse(url)
  if (parsed === null) return { type: 'invalid', message: 'This is not a valid URL.' }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return { type: 'forbidden', message: 'Only http and https URLs are supported.' }
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { type: 'forbidden', message: 'URLs with a user name or password are not supported.' }
  }
  const host = bareHost(parsed.hostname)
  if (!isHostReachable(host, allow)) {
    return { type: 'forbidden', message: 'The host does not have a public address.' }
  }
  return isPortOpen(parsed.port, host, allow)
    ? { type: 'ok' }
    : { type: 'forbidden', message: 'This port is not allowed.' }
}

/** A host on the list may be reached on any port. */
function isPortOpen(port: string, host: string, allow: AllowList): boolean {
  if (port === '' || allow.name(host) || (isIP(host) !== 0 && allow.address(host))) return true
  const number = Number(port)
  return number < 1024 ? lowPorts.has(number) : !highPorts.has(number)
}

function isHostReachable(host: string, allow: AllowList): boolean {
  if (allow.name(host)) return true
  if (isIP(host) !== 0) return isReachable(host, allow)
  const isLoopback = host === 'localhost' || host.endsWith('.localhost')
  return host !== '' && (!isLoopback || allow.address('127.0.0.1') || allow.address('::1'))
}

/** Removes the brackets of an IPv6 address, or the trailing dot of a fully qualified name. */
export function bareHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
