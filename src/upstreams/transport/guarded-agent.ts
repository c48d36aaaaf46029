import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { bareHost, isReachable, type AllowList } from './address-guard.ts'

export interface GuardedAgentOptions {
  /** Host names, addresses or CIDR ranges on which private addresses may be reached. */
  allowPrivateHosts: readonly string[]
  /** Milliseconds: for a name to resolve and a connection to stand, for the answer's headers, and between two chunks. */
  connectMs: number
  headersMs: number
  bodyIdleMs: number
  /** Stands in for the system's resolver. */
  resolve?: Resolve
}

export type Resolve = (
  host: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const maxHeaderBytes = 16 * 1024
const forbiddenHost = 'The host is not a public address.'

/** What a request fails with whose connection was refused by the guard. */
export class ForbiddenAddress extends Error {}

/** Connections to public addresses only. They are checked where they are made: what a name meant before counts for nothing. */
export function createGuardedAgent(allow: AllowList, options: GuardedAgentOptions): Agent {
  return new Agent({
    connect: guardedConnector(allow, options),
    headersTimeout: options.headersMs,
    bodyTimeout: options.bodyIdleMs,
    maxHeaderSize: maxHeaderBytes,
    allowH2: false,
  })
}

function guardedConnector(allow: AllowList, options: GuardedAgentOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: options.connectMs,
    lookup: guardedLookup(allow, options.resolve ?? lookup),
    allowH2: false,
  })
  return (target, callback) => {
    // Sockets do not look up what is an address already.
    const host = bareHost(target.hostname)
    if (isIP(host) !== 0 && !isReachable(host, allow)) callback(new ForbiddenAddress(forbiddenHost), null)
    else connect(target, callback)
  }
}

function guardedLookup(allow: AllowList, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { all: true }, (error, addresses) => {
      const [first] = addresses
      if (error !== null) return callback(error, [])
      if (first === undefined) return callback(new Error('The name has no address.'), [])
      if (!allow.name(host) && !addresses.every(({ address }) => isReachable(address, allow))) {
        return callback(new ForbiddenAddress(forbiddenHost), [])
      }
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
