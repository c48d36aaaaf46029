import type { Clock } from '../ports/clock.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { Dialect } from './dialect.ts'
import type { UpstreamSettings } from './settings.ts'
import { signWith } from './signing/signature.ts'
import type { Signature } from './signing/signature.ts'
import type { Resolver } from './transport/guard/resolver.ts'
import { withServices } from './transport/services.ts'
import { createTransport } from './transport/transport.ts'
import type { Transport, TransportSettings } from './transport/transport.ts'

interface TransportDeps {
  remoteMedia: RemoteMedia
  resolver: Resolver
  clock: Clock
  /** Of the request that is being made, for upstreams that are told of traces. */
  traceHeaders?: (() => Record<string, string>) | undefined
}

/** The connections of an upstream, with its credentials: those to its own origin, and to the services of its protocol. */
export function openTransport(
  { baseUrl, apiKey, keyPair = null, timeouts, headers = {}, isTraced = false }: UpstreamSettings,
  dialect: Dialect,
  { remoteMedia, resolver, clock, traceHeaders }: TransportDeps,
): Transport {
  const { requestIdHeader } = dialect
  const open = (
    settings: Pick<TransportSettings, 'baseUrl' | 'apiKey' | 'headers' | 'sign' | 'traceHeaders'>,
  ) => createTransport({ requestIdHeader, ...settings, ...timeouts }, { remoteMedia, resolver })
  const signing = (signature: Signature | undefined): Pick<TransportSettings, 'sign'> => {
    if (signature === undefined || keyPair === null) return {}
    const sign = signWith(signature, keyPair)
    return { sign: (request) => sign(request, clock.now()) }
  }
  const own = dialect.headers?.(apiKey)
  const credentials =
    own === undefined
      ? { apiKey, headers: lowerCase(headers) }
      : { apiKey: null, headers: { ...lowerCase(headers), ...own } }
  const services = Object.entries(dialect.services ?? {}).map(
    ([name, service]) =>
      [name, open({ baseUrl: service.baseUrl, apiKey: null, ...signing(service.signature) })] as const,
  )
  const main = {
    baseUrl,
    ...credentials,
    ...signing(dialect.signature),
    ...(isTraced && { traceHeaders }),
  }
  return withServices(open(main), new Map(services))
}

/** As the transport has its own: a name in two cases would be two headers. */
function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
