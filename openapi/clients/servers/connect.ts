import { trialSettings } from '../../../src/gateway/try-dialect/settings.ts'
import { createHttpUpstream } from '../../../src/gateway/upstreams/calls/http-upstream.ts'
import type { BareUpstream } from '../../../src/gateway/upstreams/calls/http-upstream.ts'
import { dialectOf } from '../../../src/gateway/upstreams/dialects.ts'
import type { UpstreamSettings } from '../../../src/gateway/upstreams/settings.ts'
import { createResolver } from '../../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../../src/gateway/upstreams/transport/transport.ts'
import { apiKey as usualKey } from './subject.ts'
import type { Profile } from './subject.ts'

const silent = () => undefined
const logger = { debug: silent, info: silent, warn: silent, error: silent }

/** The gateway's own upstream of a profile at `baseUrl`, before any breaker. */
export function connect(
  profile: Profile,
  baseUrl: string,
  apiKey: string = usualKey,
): { upstream: BareUpstream; close: () => Promise<void> } {
  const settings = settingsOf(profile, baseUrl, apiKey)
  const resolver = createResolver({ asksSystem: true })
  const remoteMedia = {
    fetch: () => Promise.resolve({ type: 'failed' as const, message: 'these servers name no addresses' }),
  }
  const transport = createTransport({ baseUrl, apiKey, ...settings.timeouts }, { remoteMedia, resolver })
  const upstream = createHttpUpstream(settings, {
    dialect: dialectOf(settings),
    transport,
    clock: Date,
    logger,
  })
  return {
    upstream,
    async close() {
      await transport.close()
      resolver.close()
    },
  }
}

function settingsOf(profile: Profile, baseUrl: string, apiKey: string): UpstreamSettings {
  const trial = trialSettings('openai-videos')
  return {
    ...trial,
    spec: {
      ...trial.spec,
      id: profile,
      kind: 'self_hosted',
      models: { wan: 'wan' },
      characters: 'none',
      maxCharacters: 0,
    },
    baseUrl,
    apiKey,
    profile,
    timeouts: {
      connectMs: 2000,
      createMs: 10_000,
      pollMs: 10_000,
      fetchHeadersMs: 10_000,
      fetchIdleMs: 10_000,
    },
    breaker: { failureRate: 0.5, windowMs: 60_000, minCalls: 5, openMs: 30_000 },
    modelGoneMs: 0,
    idempotencyHeader: null,
  }
}
