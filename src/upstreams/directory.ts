import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { RemoteMedia } from '../ports/remote-media.ts'
import type { UpstreamDirectory } from '../ports/upstream.ts'
import { dialectOf } from './dialects.ts'
import { guardUpstream } from './guarded-upstream.ts'
import { createHttpUpstream } from './http-upstream.ts'
import type { UpstreamSettings } from './settings.ts'
import { createTransport } from './transport/transport.ts'

export interface DirectoryDeps {
  /** The guarded fetch, for addresses outside an upstream's own origin. */
  remoteMedia: RemoteMedia
  logger: Logger
  clock: Clock
}

/**
 * All configured upstreams, each with its own connections and breakers. Throws a sentence for an unknown dialect or profile.
 * `close` ends what is still under way, so stop whoever calls the upstreams first.
 */
export function createUpstreamDirectory(
  settings: UpstreamSettings[],
  deps: DirectoryDeps,
): UpstreamDirectory {
  const { remoteMedia, logger, clock } = deps
  const dialects = settings.map((each) => ({ each, dialect: dialectOf(each) }))
  const entries = dialects.map(({ each, dialect }) => {
    const { baseUrl, apiKey, timeouts } = each
    const own = dialect.headers?.(apiKey)
    const credentials = own === undefined ? { apiKey } : { apiKey: null, headers: own }
    const transport = createTransport({ baseUrl, ...credentials, ...timeouts }, { remoteMedia })
    const bare = createHttpUpstream(each, { dialect, transport, clock, logger })
    return { transport, upstream: guardUpstream(bare, each, { clock, logger }) }
  })
  const byId = new Map(entries.map(({ upstream }) => [upstream.spec.id, upstream]))

  return {
    get: (id) => byId.get(id),
    all: () => entries.map(({ upstream }) => upstream),
    async close() {
      for (const { upstream } of entries) upstream.close()
      await Promise.all(entries.map(({ transport }) => transport.close()))
    },
  }
}
