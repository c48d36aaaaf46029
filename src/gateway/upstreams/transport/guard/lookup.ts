import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import type { Resolver } from './resolver.ts'

/**
 * A resolver as sockets ask for names. `check` throws for addresses to which no connection may be made. Sockets call from
 * outside of every promise: whatever goes wrong here is handed to them as an error, and nothing is thrown.
 */
export function lookupOf(
  resolver: Resolver,
  check: (host: string, addresses: LookupAddress[]) => void = () => undefined,
): LookupFunction {
  const look = callbackify(async (host: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolver.resolve(host)
    if (first === undefined) throw new Error('The host name has no address.')
    check(host, [first, ...others])
    return [first, ...others]
  })

  return (host, options, callback) => {
    look(host, (error: Error | null, addresses) => {
      if (error !== null) return callback(error, [])
      const [{ address, family }] = addresses
      if (options.all === true) callback(null, addresses)
      else callback(null, address, family)
    })
  }
}
