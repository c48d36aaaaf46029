import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { bareHost, isReachable, type AllowList } from './address-guard.ts'
import { lookupOf } from './lookup.ts'
import { createResolver } from './resolver.ts'
import type { Resolver } from './resolver.ts'

export interface GuardedAgentOptions {
  /** Host names, addresses or CIDR ranges on which private addresses may be reached. */
  allowPrivateHosts: readonly string[]
  /** Milliseconds: for a name to resolve and a connection to stand, for the answer's headers, and between two chunks. */
  connectMs: number
  headersMs: number
  bodyIdleMs: number
  /** Absent: one for this agent alone, which asks `dnsServers`. */
  resolver?: Resolver
  /** Addresses of name servers, with ports; absent or null for those of the system. */
  dnsServers?: readonly string[] | null
}

const maxHeaderBytes = 16 * 1024
/** Of the time to connect: a name that is still looked up when it is over fails as a name, and not as a connection. */
const shareOfNames = 0.8
const forbiddenHost = 'The host does not have a public address.'

/** What a request fails with whose connection was refused by the guard. */
export class ForbiddenAddress extends Error {}

/** Connections to public addresses only. They are checked where they are made: what a name meant before counts for nothing. */
export function createGuardedAgent(
  allow: AllowList,
  options: GuardedAgentOptions,
): { agent: Agent; close: () => Promise<void> } {
  const {
    dnsServers = null,
    resolver = createResolver({ timeoutMs: options.connectMs * shareOfNames, servers: dnsServers }),
  } = options
  const agent = new Agent({
    connect: guardedConnector(allow, resolver, options.connectMs),
    headersTimeout: options.headersMs,
    bodyTimeout: options.bodyIdleMs,
    maxHeaderSize: maxHeaderBytes,
    allowH2: false,
  })
  return {
    agent,
    async close() {
      resolver.close()
      await agent.destroy()
    },
  }
}

function guardedConnector(allow: AllowList, resolver: Resolver, timeout: number): buildConnector.connector {
  const check = (host: string, addresses: LookupAddress[]) => {
    if (allow.name(host) || addresses.every(({ address }) => isReachable(address, allow))) return
    throw new ForbiddenAddress(forbiddenHost)
  }
  const connect = buildConnector({ timeout, lookup: lookupOf(resolver, check), allowH2: false })
  return (target, callback) => {
    // Sockets do not look up what is an address already.
    const host = bareHost(target.hostname)
    if (isIP(host) !== 0 && !isReachable(host, allow)) callback(new ForbiddenAddress(forbiddenHost), null)
    else connect(target, callback)
  }
}
