import type { Logger } from 'pino'
import type { Config, Secrets } from '../config/settings.ts'
import type { LocalSecrets } from './local-secrets.ts'
import { leastRate, upstreamSettings } from './configured.ts'
import type { Clock } from '../ports/clock.ts'
import type { SharedBreakers } from '../ports/operations/shared-breakers.ts'
import type { StatisticsStore } from '../ports/statistics/statistics-store.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { Tracing } from '../services/traces/tracing.ts'
import { createUpstreamDirectory } from '../upstreams/upstream-directory.ts'
import type { ReloadableDirectory } from '../upstreams/upstream-directory.ts'
import { createResolver } from '../upstreams/transport/guard/resolver.ts'
import { createOutsideSend } from '../upstreams/transport/guard/outside-send.ts'
import { createRemoteMedia } from '../upstreams/transport/guard/remote-media.ts'

const guardedFetch = { maxRedirects: 5, connectMs: 5_000, headersMs: 30_000, bodyIdleMs: 15_000 }

/** The ways out of the gateway; `opened` closes them. */
export function openUpstreams(
  opened: AsyncDisposableStack,
  config: Config,
  secrets: Secrets,
  deps: {
    logger: Logger
    clock: Clock
    own: LocalSecrets
    routing: { readonly watchMs: number }
    tracing?: Tracing | undefined
    wrap: ((remote: RemoteMedia) => RemoteMedia) | undefined
    /** Counts openings of breakers. Absent: they are not counted. */
    statistics?: Pick<StatisticsStore, 'countOpening'>
    breakers?: SharedBreakers | undefined
  },
): { remote: RemoteMedia; directory: ReloadableDirectory } {
  const { allowPrivateHosts, dnsServers } = config.fetch
  const { logger, clock, own, routing, tracing, wrap, statistics } = deps
  const guarded = (downgrades: boolean): RemoteMedia => {
    const remote = opened.adopt(
      createRemoteMedia({
        ...guardedFetch,
        allowPrivateHosts,
        dnsServers,
        downgrades,
        leastRate: leastRate(config),
      }),
      (each) => each.close(),
    )
    return wrap === undefined ? remote : wrap(remote)
  }
  const outside = opened.adopt(
    createOutsideSend({ ...guardedFetch, allowPrivateHosts, dnsServers }),
    (each) => each.close(),
  )
  const directory = opened.adopt(
    createUpstreamDirectory(upstreamSettings(config, secrets), {
      remoteMedia: guarded(true),
      outside,
      // The system is not asked behind the back of servers that were named.
      resolver: createResolver({ asksSystem: dnsServers === null, servers: dnsServers }),
      logger,
      clock,
      accountSecret: own.linkSecret,
      watchMs: () => routing.watchMs,
      shared: deps.breakers,
      traceHeaders: tracing && (() => tracing.tracer.outgoingHeaders()),
      onBreakerOpen(upstream, operation) {
        statistics?.countOpening(upstream, operation, clock.now()).catch((error: unknown) => {
          logger.warn({ err: error, upstream, operation }, 'failed to store that a breaker opened')
        })
      },
    }),
    (each) => each.close(),
  )
  return { remote: guarded(false), directory }
}
