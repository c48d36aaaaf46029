import { stringify } from 'yaml'
import { loadConfig } from '../src/gateway/config/load-config.ts'
import type { LoadedConfig } from '../src/gateway/config/load-config.ts'
import { formatProblems } from '../src/gateway/config/document/config-problem.ts'
import { knownDialects } from '../src/gateway/upstreams/dialects.ts'
import type { GatewaySetup } from './served.ts'

export const gatewayKey = 'bench-Py6HrM0bVs7QeD4i'

/** Three upstreams, so that a plan has something to order: two resellers and an official one. */
export function configure({
  directory,
  postgresUrl,
  role,
  upstreamUrl,
  maxInFlight,
  pollsAtOnce = false,
}: GatewaySetup): Extract<LoadedConfig, { ok: true }> {
  const common = {
    base_url: upstreamUrl,
    models: { 'sora-2': 'sora-2' },
    limits: { max_in_flight: maxInFlight },
    poll: pollsAtOnce
      ? { first_after_seconds: 0, every_seconds: 1 }
      : { first_after_seconds: 120, every_seconds: 120 },
    timeouts: { connect_seconds: 5, create_seconds: 60, stall_seconds: 600, attempt_seconds: 900 },
  }
  const reseller = { ...common, kind: 'reverse', dialect: 'sora-tasks', durations: [5, 10, 15] }
  const text = stringify({
    // The configuration refuses a role of its own on SQLite: there the process is wired without workers instead.
    server: { port: 0, ...(postgresUrl !== undefined && { role }) },
    storage: { url: postgresUrl ?? `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media` },
    auth: { keys: [{ name: 'bench', key: gatewayKey }] },
    routing: { model: 'sora-2' },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    upstreams: [
      { ...reseller, id: 'reseller-a', api_key: 'reseller-a-key', price: { per_request_usd: 0.12 } },
      { ...reseller, id: 'reseller-b', api_key: 'reseller-b-key', price: { per_request_usd: 0.14 } },
      {
        ...common,
        id: 'official',
        kind: 'official',
        dialect: 'openai-videos',
        api_key: 'official-key',
        durations: [4, 8, 12],
        references: ['image', 'video'],
        characters: 'reference',
        price: { per_second_usd: { default: 0.1 } },
      },
    ],
  })
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(formatProblems(null, loaded.problems))
  return loaded
}
