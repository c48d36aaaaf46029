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

/**
 * Ports below 1024 that speak HTTP; above, those are left out that fetch clients refuse too, because what listens there takes
 * lines of text for orders (https://fetch.spec.whatwg.org/#port-blocking).
 */
const lowPorts = new Set([80, 443])
const highPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
  6697, 10_080, 11_211,
])

/** Public by its number, but it answers only machines of one cloud, with their secrets. */
const hostServices = new Set(['168.63.129.16'])

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
  if (address.range() !== 'unicast' || hostServices.has(address.toString())) return false
  return address.kind() === 'ipv4' || address.match(globalUnicast)
}

/**
 * What can be said about a URL without asking the DNS: http or https, no user name or password, a port that speaks HTTP, and
 * a host that is not itself a private address. The URL parser has already undone decimal, octal, hex and short forms of IPv4.
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

/** Whoever allows a host by its name or address decided about its ports. */
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

/** A host without the brackets of IPv6 and the dot of a fully qualified name. */
export function bareHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
