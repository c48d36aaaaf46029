import { isDeepStrictEqual } from 'node:util'
import type { Config, RoutingDefaults, Secrets } from '../config/settings.ts'
import { upstreamSettings } from './configured.ts'
import type { ShownSettings } from '../config/shown-settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { ReloadableDirectory } from '../upstreams/upstream-directory.ts'

/** A configuration with its secrets. */
export interface Settings {
  config: Config
  secrets: Secrets
  /** As it may be shown, and the file that it is from; null without one. */
  shown?: ShownSettings
  fileName?: string | null
}

/** The configuration that is in force. `current` is replaced as a whole; `routing` is changed in place, for who keeps it. */
export interface InForce {
  current: Settings
  readonly routing: RoutingDefaults
  /** In ms since the epoch. */
  loadedAt: number
}

/** `changes` names sections and upstreams, and no value. */
export type Reload = { type: 'reloaded'; changes: string[] } | { type: 'refused'; problems: string[] }

export function inForce(settings: Settings, loadedAt: number): InForce {
  return { current: settings, routing: { ...settings.config.routing }, loadedAt }
}

/** Where it listens, and what it has open, cannot be exchanged under what is under way. */
const fixedSections = [
  'server',
  'storage',
  'media',
  'workers',
  'fetch',
  'metrics',
  'traces',
  'builtins',
] as const

/**
 * Puts another configuration in force, all of it or, when something in it needs a restart or cannot be carried out, nothing.
 * What is under way goes on: jobs at upstreams that are gone are watched again once those come back.
 */
export function reload(
  state: InForce,
  next: Settings,
  parts: {
    directory: Pick<ReloadableDirectory, 'reload'>
    accounts: { reload: (settings: Settings) => void }
    metrics?: Pick<Metrics, 'follow'> | undefined
    clock: Clock
  },
): Reload {
  const { current } = state
  const isSame = isDeepStrictEqual(current.secrets.traceHeaders, next.secrets.traceHeaders)
  const [database, nextDatabase] = [current.secrets.database, next.secrets.database]
  const isSameBucket = isDeepStrictEqual(current.secrets.bucket, next.secrets.bucket)
  const fixed = [
    ...fixedSections.filter((section) => !isDeepStrictEqual(current.config[section], next.config[section])),
    ...(database?.url === nextDatabase?.url ? [] : ['storage.url']),
    ...(database?.listen.url === nextDatabase?.listen.url ? [] : ['storage.listen_url']),
    ...(isSameBucket ? [] : ['media.access_key']),
    ...(isSame ? [] : ['traces.headers']),
  ]
  if (fixed.length > 0) return refused(fixed.map((section) => `${section}: a change here needs a restart`))
  const before = upstreamSettings(current.config, current.secrets)
  const after = upstreamSettings(next.config, next.secrets)
  try {
    parts.directory.reload(after)
  } catch (error) {
    return refused([error instanceof Error ? error.message : String(error)])
  }
  parts.accounts.reload(next)
  parts.metrics?.follow(next.config.upstreams.map(({ spec }) => spec.id))
  Object.assign(state.routing, next.config.routing)
  state.current = next
  state.loadedAt = parts.clock.now()
  return {
    type: 'reloaded',
    changes: changesBetween({ ...current, upstreams: before }, { ...next, upstreams: after }),
  }
}

function refused(problems: string[]): Reload {
  return { type: 'refused', problems }
}

type Compared = Settings & { upstreams: ReturnType<typeof upstreamSettings> }

function changesBetween(before: Compared, after: Compared): string[] {
  const idsOf = ({ upstreams }: Compared) => upstreams.map(({ spec }) => spec.id)
  const find = ({ upstreams }: Compared, id: string) => upstreams.find(({ spec }) => spec.id === id)
  const ids = [...new Set([...idsOf(before), ...idsOf(after)])]
  const upstreams = ids
    .filter((id) => !isDeepStrictEqual(find(before, id), find(after, id)))
    .map((id) => `upstreams.${id}`)
  const keysOf = ({ config, secrets }: Compared) => [
    config.clients,
    secrets.clientKeys,
    secrets.signingSecrets,
  ]
  return [
    ...(isDeepStrictEqual(keysOf(before), keysOf(after)) ? [] : ['auth.keys']),
    ...(isDeepStrictEqual(before.config.routing, after.config.routing) ? [] : ['routing']),
    ...(isDeepStrictEqual(before.config.log, after.config.log) ? [] : ['log']),
    ...(isDeepStrictEqual(before.config.retention, after.config.retention) ? [] : ['retention']),
    ...(isDeepStrictEqual(idsOf(before), idsOf(after)) ? [] : ['upstreams']),
    ...upstreams,
  ]
}
