import { keyIdOf } from '../config/keys/key-id.ts'
import type { Config, Secrets } from '../config/settings.ts'
import { scopes } from '../domain/accounts/client.ts'
import type { Client, Scope } from '../domain/accounts/client.ts'
import type { KeySource } from '../services/accounts/keys.ts'
import type { UpstreamSettings } from '../upstreams/settings.ts'
import { upstreamKinds } from '../domain/routing/upstream.ts'

/** Deadlines without a setting: generous for a healthy vendor, and shorter than any deadline of a generation. */
const fixedTimeouts = { pollMs: 20_000, fetchHeadersMs: 60_000, fetchIdleMs: 30_000 }

/** The upstreams as their adapters want them, keys included. */
export function upstreamSettings(config: Config, secrets: Secrets): UpstreamSettings[] {
  return config.upstreams.map((upstream) => ({
    ...upstream,
    profile: upstream.profile ?? 'generic',
    headers: secrets.upstreamHeaders.get(upstream.spec.id) ?? {},
    apiKey: secrets.upstreamKeys.get(upstream.spec.id) ?? null,
    keyPair: secrets.upstreamKeyPairs.get(upstream.spec.id) ?? null,
    isTraced: config.traces?.toUpstreams.includes(upstream.spec.id) === true,
    timeouts: { ...upstream.timeouts, ...fixedTimeouts, leastRate: leastRate(config) },
  }))
}

/** A file that pauses for less than this does not count as slow. */
const rateWindowMs = 30_000

/** Of files that arrive; undefined where the configuration sets no limit. */
export function leastRate({ fetch: { minBytesPerSecond: bytesPerSecond } }: Config) {
  return bytesPerSecond === 0 ? undefined : { bytesPerSecond, windowMs: rateWindowMs }
}

export interface FixedKey {
  client: Client
  key: string
  source: KeySource
}

/** Every key that is not made through the API, with what it may do; the generated one may do everything. */
export function fixedKeys(config: Config, secrets: Secrets, generatedKey: string | null): FixedKey[] {
  const configured = config.clients.flatMap((client): FixedKey[] => {
    const found = secrets.clientKeys.find(({ name }) => name === client.key)
    return found === undefined ? [] : [{ client, key: found.key, source: 'config' }]
  })
  const { adminKey } = secrets
  return [
    ...configured,
    ...(generatedKey === null ? [] : [fixed('local', generatedKey, [...scopes], 'generated')]),
    ...(adminKey === null ? [] : [fixed('environment-admin', adminKey, ['admin'], 'environment')]),
  ]
}

function fixed(name: string, key: string, allowed: Scope[], source: KeySource): FixedKey {
  return {
    client: {
      keyId: keyIdOf(name),
      tenant: name,
      key: name,
      scopes: allowed,
      allow: [...upstreamKinds],
      allowUpstreams: null,
      allowModels: null,
      monthlyBudgetMicros: null,
      requestsPerMinute: null,
      maxInFlight: null,
      webhookUrl: null,
    },
    key,
    source,
  }
}
