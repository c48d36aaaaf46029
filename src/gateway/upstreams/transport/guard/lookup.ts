import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import type { Resolver } from './resolver.ts'

/**
 * A resolver as the `lookup` of sockets. `check` throws for forbidden addresses. Sockets call it outside of any
 * promise, so every error is passed to the callback, and nothing is thrown.
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
