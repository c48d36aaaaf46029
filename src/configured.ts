import type { Config, Secrets } from './config/settings.ts'
import type { Client } from './domain/client.ts'
import type { UpstreamSettings } from './upstreams/settings.ts'

/** Deadlines that are not worth a setting: generous for a healthy vendor, short of any deadline of a generation. */
const fixedTimeouts = { pollMs: 20_000, fetchHeadersMs: 60_000, fetchIdleMs: 30_000 }

/** The upstreams as their adapters want them, keys included. */
export function upstreamSettings(config: Config, secrets: Secrets): UpstreamSettings[] {
  return config.upstreams.map((upstream) => ({
    ...upstream,
    profile: upstream.profile ?? 'generic',
    apiKey: secrets.upstreamKeys.get(upstream.spec.id) ?? null,
    timeouts: { ...upstream.timeouts, ...fixedTimeouts },
  }))
}

/** Every key that may call, with what it may do; the generated one may do everything. */
export function clientKeys(
  config: Config,
  secrets: Secrets,
  generatedKey: string | null,
): Array<{ client: Client; key: string }> {
  const configured = config.clients.flatMap((client) => {
    const found = secrets.clientKeys.find(({ name }) => name === client.key)
    return found === undefined ? [] : [{ client, key: found.key }]
  })
  if (generatedKey === null) return configured
  const client = {
    tenant: 'local',
    key: 'local',
    scopes: ['generate' as const, 'admin' as const],
    allow: ['official' as const, 'reverse' as const, 'self_hosted' as const],
    monthlyBudgetMicros: null,
    requestsPerMinute: null,
    maxInFlight: null,
    webhookUrl: null,
  }
  return [...configured, { client, key: generatedKey }]
}
