import type { Client } from '../domain/accounts/client.ts'
import { usdToMicros } from '../domain/routing/price.ts'
import type { UpstreamSpec } from '../domain/routing/upstream.ts'
import { capabilitiesOf } from './capabilities.ts'
import { keyIdOf } from './keys/key-id.ts'
import { pricesOf } from './prices.ts'
import { secretsOf } from './secrets.ts'
import { isSize } from './schema/fields.ts'
import { retentionOf } from './schema/retention.ts'
import { mediaOf } from './schema/media.ts'
import { metricsOf } from './schema/metrics.ts'
import { storageOf } from './schema/storage.ts'
import { tracesOf } from './schema/traces.ts'
import type { FileKey, FileSettings, FileUpstream } from './schema/schema.ts'
import type {
  Config,
  InlineDialects,
  KnownDialects,
  RoutingDefaults,
  Secrets,
  UpstreamConfig,
} from './settings.ts'

const DEFAULT_MODEL = 'sora-2'
const DEFAULT_STALL_SECONDS = 300
const DEFAULT_FIRST_POLL_SECONDS = 10
const DEFAULT_POLL_SECONDS = 5
const DEFAULT_CHARACTERS = {
  // The limit of the official protocol. An upstream that supports more must configure it.
  native: 2,
  // The create has one field for a clip (docs/vendors/resellers.md#characters-in-the-create).
  inline: 1,
  // Pictures of more are hard to tell apart.
  stills: 3,
  // One is sent as a reference, the others are described in the prompt, which has room for a few only.
  reference: 5,
}

/** Checked settings → configuration in inner units, with the secrets taken out. */
export function completeConfig(
  settings: FileSettings,
  dialects: { known: KnownDialects; inline: InlineDialects | undefined },
  hasFile: boolean,
  adminKey: string | null,
): { config: Config; secrets: Secrets } {
  const { server, storage, media, workers, auth, fetch, upstreams } = settings
  const config: Config = {
    server: {
      host: server.host,
      port: server.port,
      publicUrl: server.public_url ?? null,
      trustProxy: server.trust_proxy,
      corsOrigins: server.cors_origins,
      eventStreams: server.event_streams,
      role: server.role,
    },
    console: settings.console,
    log: { level: settings.log.level ?? null },
    storage: storageOf(storage),
    media: mediaOf(media),
    retention: retentionOf(settings.retention),
    workers: { concurrency: workers.concurrency, overdueMs: workers.overdue_seconds * 1000 },
    clients: auth.keys.map(clientOf),
    routing: routingOf(settings),
    fetch: {
      allowPrivateHosts: fetch.allow_private_hosts,
      minBytesPerSecond: fetch.min_bytes_per_second,
      dnsServers: fetch.dns_servers,
    },
    metrics: metricsOf(settings.metrics),
    traces: tracesOf(settings.traces),
    upstreams: upstreams.map((upstream) => upstreamOf(upstream, dialects)),
    builtins: { upstreams: !hasFile, key: auth.keys.length === 0 },
  }
  return { config: deepFreeze(config), secrets: secretsOf(settings, adminKey) }
}

function clientOf(key: FileKey): Client {
  return {
    keyId: keyIdOf(key.name),
    tenant: key.tenant ?? key.name,
    key: key.name,
    scopes: key.scopes,
    allow: key.allow,
    allowUpstreams: key.upstreams,
    allowModels: key.models,
    monthlyBudgetMicros: key.monthly_budget_usd === null ? null : usdToMicros(key.monthly_budget_usd),
    requestsPerMinute: key.requests_per_minute,
    maxInFlight: key.max_in_flight,
    webhookUrl: key.webhook_url ?? null,
    ...(key.webhook_format !== undefined && { webhookFormat: key.webhook_format }),
  }
}

function routingOf({ routing, upstreams }: FileSettings): RoutingDefaults {
  return {
    model: routing.model ?? Object.keys(upstreams[0]?.models ?? {})[0] ?? DEFAULT_MODEL,
    priority: routing.priority,
    fallback: routing.fallback,
    characterFidelity: routing.character_fidelity,
    onUnknown: routing.on_unknown,
    unknownHoldMs: milliseconds(routing.unknown_hold_seconds),
    onUnexplained: routing.on_unexplained,
    watchMs: milliseconds(routing.late_watch_seconds),
    deadlineMs: milliseconds(routing.deadline_seconds),
  }
}

function upstreamOf(
  upstream: FileUpstream,
  { known, inline }: { known: KnownDialects; inline: InlineDialects | undefined },
): UpstreamConfig {
  const { dialect, limits, poll, timeouts, breaker, price } = upstream
  const stall = timeouts.stall_seconds ?? Math.min(DEFAULT_STALL_SECONDS, timeouts.attempt_seconds)
  return {
    spec: {
      id: upstream.id,
      kind: upstream.kind,
      dialect: typeof dialect === 'string' ? dialect : (inline?.nameOf(dialect) ?? 'inline'),
      models: upstream.models,
      ...(!upstream.enabled && { disabled: true }),
      durations: upstream.durations?.toSorted((a, b) => a - b) ?? null,
      ...lengthsOf(upstream, known),
      sizes: upstream.sizes?.filter(isSize) ?? null,
      references: upstream.references,
      ...sourceVideosOf(upstream, known),
      ...(upstream.capabilities !== undefined && { capabilities: capabilitiesOf(upstream.capabilities) }),
      characters: upstream.characters,
      maxCharacters: maxCharactersOf(upstream),
      ...charactersFromOf(upstream, { known, inline }),
      characterClip: characterClipOf(upstream),
      maxPromptCharacters: upstream.max_prompt_characters,
      ...pricesOf(price),
      maxInFlight: limits.max_in_flight,
      ...(upstream.exclusive && { exclusive: true }),
      createsPerMinute: limits.creates_per_minute,
      pollsPerSecond: limits.polls_per_second,
      ...(limits.spend_usd_per_day !== null && { spendMicrosPerDay: usdToMicros(limits.spend_usd_per_day) }),
      poll: {
        firstAfterMs: milliseconds(poll.first_after_seconds ?? Math.min(DEFAULT_FIRST_POLL_SECONDS, stall)),
        everyMs: milliseconds(poll.every_seconds ?? Math.min(DEFAULT_POLL_SECONDS, stall)),
        ...(!poll.learn && { learns: false }),
      },
      stallMs: milliseconds(stall),
      attemptMs: milliseconds(timeouts.attempt_seconds),
    },
    baseUrl: upstream.base_url,
    profile:
      upstream.profile ?? (typeof dialect === 'string' ? known[dialect]?.profiles[0] : undefined) ?? null,
    traits: upstream.traits,
    description: typeof dialect === 'string' ? null : dialect,
    timeouts: {
      connectMs: milliseconds(timeouts.connect_seconds),
      createMs: milliseconds(timeouts.create_seconds),
    },
    breaker: {
      failureRate: breaker.failure_rate,
      windowMs: milliseconds(breaker.window_seconds),
      minCalls: breaker.min_calls,
      openMs: milliseconds(breaker.open_seconds),
    },
    modelGoneMs: milliseconds(breaker.model_gone_seconds),
    idempotencyHeader: upstream.idempotency_header,
    createServerError: upstream.create_5xx,
    answers: answersOf(upstream),
  }
}

/** The official protocol remixes, edits and extends its own videos. Other upstreams must configure it. */
function sourceVideosOf(
  { source_videos: configured, dialect, profile: named, traits }: FileUpstream,
  dialects: KnownDialects,
): Pick<UpstreamSpec, 'sourceVideos' | 'remixOnly'> {
  if (typeof dialect !== 'string') return {}
  const known = dialects[dialect]
  const profile = named ?? known?.profiles[0] ?? 'openai'
  const calls = known?.sources?.(profile, traits) ?? 'all'
  const isOfficial = dialect === 'openai-videos' && profile === 'openai' && calls !== 'none'
  const chosen = configured ?? (isOfficial ? 'own' : 'none')
  if (chosen === 'none') return {}
  return { sourceVideos: chosen, ...(calls === 'remix' && { remixOnly: true }) }
}

/** What the servers of a profile take where the configuration lists no lengths. */
function lengthsOf(
  { dialect, profile, traits }: FileUpstream,
  dialects: KnownDialects,
): Pick<UpstreamSpec, 'wholeSeconds' | 'maxSeconds'> {
  const known = typeof dialect === 'string' ? dialects[dialect] : undefined
  return known?.lengths?.(profile ?? known.profiles[0] ?? '', traits) ?? {}
}

function answersOf({ answers: { words, ...says } }: FileUpstream): UpstreamConfig['answers'] {
  return { says, words }
}

function charactersFromOf(
  { characters, dialect }: FileUpstream,
  { known, inline }: { known: KnownDialects; inline: InlineDialects | undefined },
): Pick<UpstreamSpec, 'charactersFrom'> {
  if (characters !== 'native') return {}
  const named = typeof dialect === 'string' ? known[dialect]?.charactersFrom?.() : undefined
  const from = typeof dialect === 'string' ? named : inline?.charactersFromOf(dialect)
  return from?.includes('pictures') === true ? { charactersFrom: [...from] } : {}
}

function maxCharactersOf({ characters, max_characters: configured }: FileUpstream): number {
  if (characters === 'none') return 0
  return configured ?? DEFAULT_CHARACTERS[characters]
}

function characterClipOf({ character_clip_seconds: clip }: FileUpstream): UpstreamSpec['characterClip'] {
  return clip === undefined ? null : { minSeconds: clip.min, maxSeconds: clip.max }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner)
    Object.freeze(value)
  }
  return value
}
