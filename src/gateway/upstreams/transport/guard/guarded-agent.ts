import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { bareHost, isReachable, type AllowList } from './address-guard.ts'
import { openConnections } from '../open-connections.ts'
import { lookupOf } from './lookup.ts'
import { createResolver } from './resolver.ts'
import type { Resolver } from './resolver.ts'

export interface GuardedAgentOptions {
  /** Host names, addresses or CIDR ranges whose private addresses may be reached. */
  allowPrivateHosts: readonly string[]
  /** Milliseconds: to resolve and connect, to receive the response headers, and between two chunks. */
  connectMs: number
  headersMs: number
  bodyIdleMs: number
  /** Absent: a resolver for this agent only, which uses `dnsServers`. */
  resolver?: Resolver
  /** Addresses of name servers with ports; absent or null for those of the system. */
  dnsServers?: readonly string[] | null
}

const maxHeaderBytes = 16 * 1024
/** The share of the connect timeout for DNS. A slow lookup is then reported as a DNS error, not as a connect timeout. */
const shareOfNames = 0.8
const forbiddenHost = 'The host does not have a public address.'

/**
 * How long a connection waits for its next request. The shortest limit of usual servers is two seconds (gunicorn); those of
 * Node, Apache and uvicorn are five. One that ends first is never written to while the server closes it.
 */
const keptMs = 1500
/** From its making. In a steady flow no connection is ever idle, and would still lead to where a name pointed long ago. */
const oldestMs = 10_000

/** Thrown for a request whose connection the guard rejected. */
export class ForbiddenAddress extends Error {}

export interface GuardedAgent {
  /** Each request has a connection of its own, which it ends. */
  agent: Agent
  /** Lends a connection out again, for as long as its address is new. */
  kept: Agent
  /** Whether `kept` has a connection to this origin. */
  isKept: (origin: string) => boolean
  close: () => Promise<void>
}

/**
 * Connects to public addresses only. Addresses are checked when the connection is made, so an earlier lookup of the
 * name does not count, and a later one changes nothing about a connection that is there.
 */
export function createGuardedAgent(allow: AllowList, options: GuardedAgentOptions): GuardedAgent {
  const {
    dnsServers = null,
    resolver = createResolver({ timeoutMs: options.connectMs * shareOfNames, servers: dnsServers }),
  } = options
  const connect = guardedConnector(allow, resolver, options.connectMs)
  const common = {
    headersTimeout: options.headersMs,
    bodyTimeout: options.bodyIdleMs,
    maxHeaderSize: maxHeaderBytes,
    allowH2: false,
  }
  const agent = new Agent({ ...common, connect: openConnections(connect).connect, pipelining: 0 })
  const reusable = openConnections(connect)
  const kept = new Agent({
    ...common,
    connect: reusable.connect,
    keepAliveTimeout: keptMs,
    keepAliveMaxTimeout: keptMs,
    clientTtl: oldestMs,
  })
  return {
    agent,
    kept,
    isKept: reusable.isOpen,
    async close() {
      resolver.close()
      await Promise.all([agent.destroy(), kept.destroy()])
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
    // Sockets do not resolve a host that is an IP address.
    const host = bareHost(target.hostname)
    if (isIP(host) !== 0 && !isReachable(host, allow)) callback(new ForbiddenAddress(forbiddenHost), null)
    else connect(target, callback)
  }
}
