import { promises as dns } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { candidates, createFileView, parseHosts, parseSearchRules } from './system-names.ts'

/** Resolves names for one purpose. Each purpose has its own resolver, so that slow names of one do not delay the others. */
export interface Resolver {
  /**
   * Returns at least one address, IPv4 before IPv6. Rejects only with a `NameError`, at the latest at its deadline. An
   * IP address resolves to itself.
   */
  resolve(host: string): Promise<LookupAddress[]>
  /** Cancels running lookups. */
  close(): void
}

/** `ENOTFOUND`: the name does not exist or has no address. `EAI_AGAIN`: temporary failure. */
export class NameError extends Error {
  readonly code: 'ENOTFOUND' | 'EAI_AGAIN'

  constructor(code: NameError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

export interface ResolverOptions {
  /** Milliseconds for one lookup, including all servers, tries and search domains. */
  timeoutMs?: number
  /** The maximum number of concurrent lookups; any more fail immediately. Concurrent lookups of one name count once. */
  concurrency?: number
  /** Whether names unknown to DNS are also looked up by the system, for mDNS and the like, one at a time. */
  asksSystem?: boolean
  /** Addresses of name servers with ports; absent or null for those of the system. */
  servers?: readonly string[] | null
  hostsFile?: string
  resolvConf?: string
}

const late = 'The name servers did not respond in time. Try again later.'
const defaultTimeoutMs = 5000
const defaultConcurrency = 1000
/** The time limit of one query to one server. Usually a packet was lost, and the retry is answered at once. */
const queryMs = 1500
const tries = 2
/** c-ares reads names only up to a NUL. */
const askable = /^[!-~]{1,254}$/
/** Error codes of c-ares for names that do not exist, have no address of this kind, or are invalid. */
const absences = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY'])
const systemHosts =
  process.platform === 'win32' ? String.raw`C:\Windows\System32\drivers\etc\hosts` : '/etc/hosts'

/**
 * Uses the hosts file, then DNS by c-ares, instead of `getaddrinfo`, which has no timeout and runs on four threads. Ten
 * slow names would block those for everything, including file access.
 */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const { timeoutMs = defaultTimeoutMs, concurrency = defaultConcurrency, servers = null } = options
  const { hostsFile = systemHosts, resolvConf = '/etc/resolv.conf' } = options
  const underWay = new Map<string, Promise<LookupAddress[]>>()
  const askSystem = options.asksSystem === true ? createSystem() : null
  let channel = open()
  const hosts = createFileView({ file: hostsFile, parse: parseHosts })
  // c-ares reads its servers from this file only once, when a channel is created.
  const rules = createFileView({
    file: resolvConf,
    parse: parseSearchRules,
    onChange: () => (channel = open()),
  })

  function open(): dns.Resolver {
    const opened = new dns.Resolver({ timeout: queryMs, tries })
    if (servers !== null) opened.setServers(servers)
    return opened
  }

  async function ask(host: string): Promise<LookupAddress[]> {
    const listed = (await hosts()).get(host.replace(/\.$/, ''))
    if (listed !== undefined) return sorted(listed)
    if (/^(.*\.)?localhost\.?$/.test(host)) return sorted(['127.0.0.1', '::1'])
    for (const name of candidates(host, await rules())) {
      const addresses = await askDns(channel, name)
      if (addresses.length > 0) return addresses
    }
    const others = (await askSystem?.(host)) ?? []
    if (others.length > 0) return others
    throw new NameError('ENOTFOUND', 'The host name does not exist, or has no address.')
  }

  /** The slot is held until all servers have timed out, which may be after the deadline of the lookup itself. */
  function begin(host: string): Promise<LookupAddress[]> {
    const begun = ask(host).finally(() => underWay.delete(host))
    underWay.set(host, begun)
    return begun
  }

  return {
    async resolve(name) {
      if (isIP(name) !== 0) return sorted([name])
      const host = name.toLowerCase()
      if (!askable.test(host)) throw new NameError('ENOTFOUND', 'This is not a valid host name.')
      const known = underWay.get(host)
      if (known === undefined && underWay.size >= concurrency) {
        throw new NameError('EAI_AGAIN', 'Too many DNS lookups are in progress. Try again later.')
      }
      return within(timeoutMs, known ?? begin(host))
    },
    close: () => channel.cancel(),
  }
}

/** Empty if the name does not exist. */
async function askDns(channel: dns.Resolver, name: string): Promise<LookupAddress[]> {
  const answers = await Promise.allSettled([channel.resolve4(name), channel.resolve6(name)])
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return sorted(addresses)
  for (const answer of answers) {
    if (answer.status === 'rejected' && !isAbsence(answer.reason)) throw unavailable(answer.reason)
  }
  return []
}

function createSystem(): (host: string) => Promise<LookupAddress[]> {
  let busy = false
  return async (host) => {
    if (busy) return []
    busy = true
    try {
      return await dns.lookup(host, { all: true })
    } catch {
      return []
    } finally {
      busy = false
    }
  }
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const { promise: deadline, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NameError('EAI_AGAIN', late)), ms)
  try {
    return await Promise.race([work, deadline])
  } catch (error) {
    throw error instanceof NameError ? error : unavailable(error)
  } finally {
    clearTimeout(timer)
  }
}

function isAbsence(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && absences.has(error.code)
  )
}

/** `cause`: the error of c-ares, which has its own timeout for every server. */
function unavailable(cause: unknown): NameError {
  const isSilence = cause instanceof Error && 'code' in cause && cause.code === dns.TIMEOUT
  return new NameError(
    'EAI_AGAIN',
    isSilence ? late : 'The name servers reported an error. Try again later.',
    cause,
  )
}

/** IPv4 first, because more networks support it. A connection tries both in turn anyway. */
function sorted(addresses: readonly string[]): LookupAddress[] {
  return addresses
    .map((address) => ({ address, family: isIP(address) }))
    .toSorted((one, other) => one.family - other.family)
}
