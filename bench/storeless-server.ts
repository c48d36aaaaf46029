import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Config, Secrets } from '../src/gateway/config/settings.ts'
import { buildServer } from '../src/gateway/http/server.ts'
import { createFileArchive } from '../src/gateway/media/archive/file-archive.ts'
import type { AuditLog } from '../src/gateway/ports/accounts/audit-log.ts'
import type { CharacterStore } from '../src/gateway/ports/characters/character-store.ts'
import type { GenerationStorage } from '../src/gateway/ports/generations/generation-storage.ts'
import { createAuditService } from '../src/gateway/services/accounts/audit-service.ts'
import { createKeyring } from '../src/gateway/services/accounts/authentication.ts'
import { createCatalogueService } from '../src/gateway/services/catalogue/catalogue-service.ts'
import { createEstimatedStarts } from '../src/gateway/services/generations/estimated-starts.ts'
import { createGenerationService } from '../src/gateway/services/generations/generation-service.ts'
import { createMediaIntake } from '../src/gateway/services/media/media-intake.ts'
import { createUpstreamGate } from '../src/gateway/services/advance/upstream-gate.ts'
import { createLocalRates } from '../src/gateway/storage/limits/local-rates.ts'
import { createOwnSlots } from '../src/gateway/services/advance/upstream-slots.ts'
import { createEventBus } from '../src/gateway/storage/event-bus.ts'
import { createIds } from '../src/gateway/process/ids.ts'
import { systemClock } from '../src/gateway/process/system-clock.ts'
import { createUpstreamDirectory } from '../src/gateway/upstreams/upstream-directory.ts'
import { createRemoteMedia } from '../src/gateway/upstreams/transport/guard/remote-media.ts'

const untold = (): never => {
  throw new Error('this server only takes POST /generate')
}
const unserved = (): Promise<never> => Promise.reject(new Error('this server only takes POST /generate'))
const unestimated = (): never => {
  throw new Error('this server only takes POST /generate')
}

const noAudit: AuditLog = { append: () => Promise.resolve(), list: () => Promise.resolve([]) }

/** Says yes to every insert and keeps nothing. */
const forgetful: GenerationStorage = {
  insert: () => Promise.resolve({ type: 'inserted' }),
  findIdempotency: () => Promise.resolve(null),
  get: () => Promise.resolve(null),
  current: () => Promise.resolve(null),
  list: () => Promise.resolve({ data: [], next: null }),
  counts: unserved,
  sampleCompleted: unserved,
  waiting: () => Promise.resolve({ waiting: [], weight: 1 }),
  claimDue: () => Promise.resolve([]),
  save: () => Promise.resolve('saved'),
  release: () => Promise.resolve(),
  renew: () => Promise.resolve(),
  noteCrash: () => Promise.resolve(),
  setCrashedAside: () => Promise.resolve([]),
  releaseAll: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
  events: () => Promise.resolve([]),
  liveAttempts: () => Promise.resolve([]),
  slotsTaken: () => Promise.resolve(new Map()),
  spendOf: () => Promise.resolve(new Map()),
  statistics: () => Promise.resolve([]),
  ownsJob: () => Promise.resolve(false),
  usage: unserved,
  ownersOf: () => Promise.resolve([]),
  placeOf: () => Promise.resolve(null),
  unknownAttempts: () => Promise.resolve([]),
  unansweredCreates: () => Promise.resolve(0),
  committedMicros: () => Promise.resolve(0),
  tenantBudget: () => Promise.resolve(null),
  videosBefore: () => Promise.resolve([]),
  countLedger: async () => 0,
  pruneIdempotency: () => Promise.resolve(),
  takeRetried: () => Promise.resolve(null),
  pruneCreates: () => Promise.resolve(0),
  nextDueAt: () => Promise.resolve(null),
}

const noCharacters: CharacterStore = {
  insert: unserved,
  get: () => Promise.resolve(null),
  getByName: () => Promise.resolve(null),
  scores: () => Promise.resolve([]),
  idsByName: () => Promise.resolve([]),
  list: () => Promise.resolve([]),
  update: unserved,
  changeStills: unserved,
  remove: unserved,
  bindings: () => Promise.resolve([]),
  changeBinding: unserved,
  assumeAccount: async () => undefined,
  dueBindings: () => Promise.resolve([]),
}

/** The gateway's own `POST /generate`, wired as the gateway wires it, over a store that keeps nothing. */
export async function buildStorelessServer(
  { clients, media, fetch, routing, upstreams }: Config,
  secrets: Secrets,
  logger: Logger,
): Promise<FastifyInstance> {
  const clock = systemClock
  const remote = createRemoteMedia({
    maxRedirects: 5,
    connectMs: 5_000,
    headersMs: 30_000,
    bodyIdleMs: 15_000,
    allowPrivateHosts: fetch.allowPrivateHosts,
  })
  const settings = upstreams.map((each) => ({
    ...each,
    profile: each.profile ?? 'generic',
    apiKey: secrets.upstreamKeys.get(each.spec.id) ?? null,
    timeouts: { ...each.timeouts, pollMs: 20_000, fetchHeadersMs: 60_000, fetchIdleMs: 30_000 },
  }))
  const directory = createUpstreamDirectory(settings, { remoteMedia: remote, logger, clock })
  const slots = createOwnSlots({ store: forgetful, clock })
  const gate = createUpstreamGate({
    directory,
    store: forgetful,
    clock,
    pauses: { of: () => null },
    slots,
    rates: createLocalRates(clock),
  })
  await gate.start()
  const archive = await createFileArchive({ directory: media.directory })
  const ids = createIds(clock)
  const intake = createMediaIntake({ archive, remote, ids, maxBytes: media.maxBytes, fetchTimeoutMs: 60_000 })
  const keys = secrets.clientKeys.flatMap(({ name, key }) =>
    clients.filter((client) => client.key === name).map((client) => ({ client, key })),
  )
  const starts = createEstimatedStarts({ store: forgetful, gate, hold: { since: () => null }, clock })
  return buildServer({
    generations: createGenerationService({
      starts,
      downloads: null,
      store: forgetful,
      characters: noCharacters,
      bus: createEventBus(),
      gate,
      intake,
      archive,
      clock,
      ids,
      audit: noAudit,
      logger,
      defaults: routing,
      checkWebhook: unserved,
      hold: { since: () => null },
      authority: { status: unserved },
      onWork: () => undefined,
      placeFor: () => ({ lease: undefined, end: () => Promise.resolve() }),
    }),
    changes: { note: unserved, follow: untold },
    views: { list: unserved, counts: unserved, open: unserved },
    characters: {
      create: unserved,
      list: unserved,
      get: unserved,
      update: unserved,
      remove: unserved,
      clip: unserved,
      thumbnail: unserved,
      stills: unserved,
      still: unserved,
      replaceStills: unserved,
      bind: unserved,
      usage: unserved,
    },
    usage: { report: unserved },
    tenants: { list: unserved, get: unserved, update: unserved },
    nodes: { list: unserved },
    configuration: () => {
      throw new Error('not served here')
    },
    eventTickets: { issue: () => ({ ticket: '', expiresAt: 0 }), find: () => ({ type: 'unknown' }) },
    sessions: {
      open: unserved,
      exchange: unserved,
      find: unserved,
      list: unserved,
      end: unserved,
      endAll: unserved,
    },
    statistics: { of: unserved, overall: unserved },
    keys: {
      create: unserved,
      list: async () => ({ data: [], hasMore: false }),
      get: unserved,
      rotate: unserved,
      update: unserved,
      revoke: unserved,
    },
    estimates: { estimate: unestimated, fromHistory: unserved },
    catalogue: createCatalogueService({ gate, defaults: { model: routing.model } }),
    comparisons: {
      preview: unserved,
      create: unserved,
      get: unserved,
      list: unserved,
      score: unserved,
      sheet: unserved,
      sheetPng: unserved,
      sharedSheet: unserved,
      sharedSheetPng: unserved,
      scoreShared: unserved,
      remove: unserved,
      endLinks: unserved,
    },
    series: {
      create: unserved,
      get: unserved,
      list: unserved,
      route: unserved,
      retry: unserved,
      events: async function* () {},
      cancel: unserved,
      remove: unserved,
    },
    seriesResults: { manifest: unserved, videos: unserved, sheet: unserved, sheetPng: unserved },
    operations: {
      upstreams: unserved,
      readiness: unserved,
      sharedMedia: unserved,
      release: unserved,
      pause: unserved,
      resume: unserved,
      restore: unserved,
      resetBreaker: unserved,
      probe: unserved,
    },
    intake,
    shareVideo: () => '',
    addresses: { end: () => 0, of: () => ({ video: '', thumbnail: '', expiresAt: 0 }), open: unserved },
    ...createKeyring(keys, clock),
    attempts: { exchanges: unserved, look: unserved, resolve: unserved },
    audit: createAuditService(noAudit),
    onUnknownKeys: () => undefined,
    receiveWebhook: unserved,
    webhooks: {
      deliveries: unserved,
      failing: unserved,
      redeliver: unserved,
      secrets: unserved,
      makeSecret: unserved,
      removeSecret: unserved,
    },
    logger,
    limits: { uploadBytes: media.maxBytes, bodyBytes: 1024 * 1024 },
  })
}
