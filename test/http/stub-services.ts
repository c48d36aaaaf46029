import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { MediaId } from '../../src/gateway/domain/ids.ts'
import { buildServer } from '../../src/gateway/http/server.ts'
import type { ServerDeps } from '../../src/gateway/http/server-options.ts'
import type { AttemptService, PlacedAttempt } from '../../src/gateway/services/operations/attempts.ts'
import type { AuditService } from '../../src/gateway/services/accounts/audit.ts'
import type {
  CharacterInput,
  CharacterService,
  CharacterOutlook,
} from '../../src/gateway/services/characters/characters.ts'
import type { ChangeService, Told } from '../../src/gateway/services/changes/changes.ts'
import { createCatalogueService } from '../../src/gateway/services/catalogue/catalogue-service.ts'
import type { CatalogueService } from '../../src/gateway/services/catalogue/catalogue.ts'
import { createEstimateService } from '../../src/gateway/services/usage/estimate-service.ts'
import type { EstimateService } from '../../src/gateway/services/usage/estimates.ts'
import type { ComparisonService } from '../../src/gateway/services/comparisons/comparisons.ts'
import type {
  GenerationInput,
  GenerationService,
  IdempotencyInput,
} from '../../src/gateway/services/generations/generations.ts'
import type { SeriesService } from '../../src/gateway/services/series/series.ts'
import type { SeriesResults } from '../../src/gateway/services/series-results/series-results.ts'
import type { KeyService } from '../../src/gateway/services/accounts/keys.ts'
import type { NodeService } from '../../src/gateway/services/operations/nodes.ts'
import type { ShowConfiguration } from '../../src/gateway/services/operations/configuration.ts'
import type { SessionService } from '../../src/gateway/services/accounts/sessions.ts'
import type { TenantService } from '../../src/gateway/services/accounts/tenants.ts'
import type { MediaIntake } from '../../src/gateway/services/media/media-intake.ts'
import type { OperationsService } from '../../src/gateway/services/operations/operations.ts'
import type { StatisticsService } from '../../src/gateway/services/statistics/statistics.ts'
import type { UsageService } from '../../src/gateway/services/usage/usage.ts'
import type { GenerationViews } from '../../src/gateway/services/generations/generation-views.ts'
import type { LogRecord } from '../../src/gateway/ports/generations/generation-history.ts'
import type { WebhookService } from '../../src/gateway/services/webhooks/webhooks.ts'
import {
  sampleAudit,
  sampleCharacter,
  sampleDelivery,
  sampleGeneration,
  sampleKey,
  sampleSession,
  sessionToken,
  samplePreview,
  sampleUpstream,
  sampleStatistics,
  sampleUsage,
  sampleWebhookSecret,
} from './samples.ts'

export const keys = {
  maker: 'key-maker',
  reader: 'key-reader',
  admin: 'key-admin',
  observer: 'key-observer',
  operator: 'key-operator',
  slow: 'key-slow',
}

function client(key: string, scopes: Client['scopes'], requestsPerMinute: number | null = null): Client {
  return {
    keyId: `key_${key}`,
    tenant: 'studio',
    key,
    scopes,
    allow: ['official', 'reverse', 'self_hosted'],
    allowUpstreams: null,
    allowModels: null,
    monthlyBudgetMicros: null,
    requestsPerMinute,
    maxInFlight: null,
    webhookUrl: null,
  }
}

const clients = new Map([
  [keys.maker, client('maker', ['generate'])],
  [keys.reader, client('reader', ['read'])],
  [keys.admin, client('admin', ['admin'])],
  [keys.observer, client('observer', ['observe'])],
  [keys.operator, client('operator', ['operate'])],
  [keys.slow, client('slow', ['generate'], 2)],
])

export const asMaker = { authorization: `Bearer ${keys.maker}` }

/** The calls to the services, in order. */
export interface Seen {
  calls: string[]
  inputs: GenerationInput[]
  idempotency: Array<IdempotencyInput | null>
  characters: CharacterInput[]
  stored: Map<MediaId, Buffer>
  discarded: MediaId[]
}

export interface Stubs {
  seen: Seen
  generations: GenerationService
  views: GenerationViews
  characters: CharacterService
  comparisons: ComparisonService
  series: SeriesService
  seriesResults: SeriesResults
  changes: ChangeService
  operations: OperationsService
  usage: UsageService
  statistics: StatisticsService
  estimates: EstimateService
  catalogue: CatalogueService
  keys: KeyService
  tenants: TenantService
  audit: AuditService
  sessions: SessionService
  configuration: ShowConfiguration
  nodes: Pick<NodeService, 'list'>
  webhooks: WebhookService
  attempts: AttemptService
  intake: MediaIntake
}

function recordIntake(seen: Seen): MediaIntake {
  return {
    async fromStream(body, accept) {
      seen.calls.push(`intake.fromStream ${accept.join(',')}`)
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      const mediaId: MediaId = `media_${seen.stored.size}`
      seen.stored.set(mediaId, bytes)
      return {
        mediaId,
        info: {
          kind: 'video',
          contentType: 'video/mp4',
          bytes: bytes.length,
          sha256: bytes.toString('hex').slice(0, 64),
          width: 16,
          height: 16,
          durationSeconds: 1,
        },
      }
    },
    async fromUrl() {
      throw new Error('the edge never fetches')
    },
    async discard(mediaId) {
      seen.discarded.push(mediaId)
    },
  }
}

async function* noChanges(): AsyncGenerator<readonly Told[]> {
  // Ends at once, so that a call that is not of interest does not stay open.
}

async function* noEvents(): AsyncGenerator<LogRecord> {
  // A generation without a history.
}

function recordGenerations(seen: Seen, made: Generation): GenerationService {
  const note = (call: string) => {
    seen.calls.push(call)
  }
  return {
    async submit(_client, { input, idempotency, render }) {
      note('submit')
      seen.inputs.push(input)
      seen.idempotency.push(idempotency)
      if (idempotency !== null) render(made, null)
      return { type: 'accepted', generation: made, startsAt: null }
    },
    async plan(_client, input) {
      note('plan')
      seen.inputs.push(input)
      return samplePreview()
    },
    async get(_client, id) {
      note(`get ${id}`)
      return made
    },
    startOf: async () => null,
    async wait(_client, id, waitMs) {
      note(`wait ${id} ${waitMs}`)
      return made
    },
    async cancel(_client, id) {
      note(`cancel ${id}`)
      return made
    },
    async cancelMany(_client, asked) {
      note(`cancelMany ${JSON.stringify(asked)}`)
      return []
    },
    async resubmit(_client, id, input) {
      note(`resubmit ${id} ${JSON.stringify(input)}`)
      return { generation: made, replayed: false }
    },
    async remove(_client, id) {
      note(`remove ${id}`)
    },
    events: () => noEvents(),
    async history(_client, id, afterSeq, limit) {
      note(`history ${id} ${afterSeq} ${limit}`)
      return { records: [], hasMore: false }
    },
    async video() {
      throw new Error('not stubbed')
    },
    async thumbnail() {
      throw new Error('not stubbed')
    },
  }
}

function recordViews(seen: Seen, made: Generation): GenerationViews {
  return {
    async list(_client, query) {
      seen.calls.push(`list ${JSON.stringify(query)}`)
      return { data: [made], next: made.id }
    },
    async counts(_client, filter) {
      seen.calls.push(`counts ${JSON.stringify(filter)}`)
      return {
        total: 0,
        byStatus: new Map(),
        byAttemptState: new Map(),
        attention: 0,
        uncertain: new Map(),
        oldest: new Map(),
        isComplete: true,
      }
    },
    open: async (client) => ({ as: client, view: 'whole' }),
  }
}

function recordCharacters(seen: Seen, made: CharacterOutlook): CharacterService {
  const note = (call: string) => {
    seen.calls.push(call)
  }
  return {
    async create(_client, input) {
      note('create')
      seen.characters.push(input)
      return made
    },
    async list(_client, query) {
      note(`list ${JSON.stringify(query)}`)
      return { data: [made], hasMore: false }
    },
    async get(_client, id) {
      note(`get ${id}`)
      return made
    },
    async update(_client, id, change) {
      note(`update ${id} ${JSON.stringify(change)}`)
      return made
    },
    async remove(_client, id) {
      note(`remove ${id}`)
    },
    async clip() {
      throw new Error('not stubbed')
    },
    async thumbnail() {
      throw new Error('not stubbed')
    },
    async stills() {
      throw new Error('not stubbed')
    },
    async still() {
      throw new Error('not stubbed')
    },
    async replaceStills() {
      throw new Error('not stubbed')
    },
    async bind(_client, id, upstreams) {
      note(`bind ${id} ${JSON.stringify(upstreams)}`)
      return made
    },
    async usage() {
      throw new Error('not stubbed')
    },
  }
}

function recordKeys(seen: Seen): KeyService {
  const note = (call: string) => {
    seen.calls.push(call)
  }
  const made = { key: sampleKey(), secret: 'und_shown-once' }
  return {
    async create(_client, input) {
      note(`create key ${JSON.stringify(input)}`)
      return { value: made, replayed: false }
    },
    async list(query) {
      note(`list keys ${JSON.stringify(query)}`)
      return { data: [made.key], hasMore: true }
    },
    async get(id) {
      note(`get key ${id}`)
      return made.key
    },
    async rotate(_client, id, graceMs) {
      note(`rotate ${id} ${graceMs}`)
      return { value: made, replayed: false }
    },
    async update(_client, id, change) {
      note(`update key ${id} ${JSON.stringify(change)}`)
      return made.key
    },
    async revoke(_client, id) {
      note(`revoke ${id}`)
    },
  }
}

function openedSession(as: Client) {
  const session = { ...sampleSession(), keyId: as.keyId }
  return { session, client: { ...as, session }, token: sessionToken }
}

/** Knows one session, whose token is `sessionToken`, of the key that makes. */
function recordSessions(seen: Seen): SessionService {
  return {
    async open(as, secret) {
      seen.calls.push(`open session ${secret}`)
      return openedSession(as)
    },
    async exchange() {
      return null
    },
    async find(token) {
      if (token !== sessionToken) return { type: 'unknown' }
      return { type: 'open', client: openedSession(client('maker', ['generate'])).client }
    },
    async list(as, page) {
      seen.calls.push(`list sessions ${JSON.stringify(page)}`)
      return { data: [openedSession(as)], hasMore: true }
    },
    async end(_as, id) {
      seen.calls.push(`end session ${id}`)
    },
    async endAll() {
      seen.calls.push('end all sessions')
    },
  }
}

function recordAudit(seen: Seen): AuditService {
  return {
    async list(query) {
      seen.calls.push(`list audit ${JSON.stringify(query)}`)
      return { data: sampleAudit(), hasMore: true }
    },
    async *all(query) {
      seen.calls.push(`all audit ${JSON.stringify(query)}`)
      yield* sampleAudit()
    },
  }
}

const unserved = async (): Promise<never> => {
  throw new Error('not stubbed')
}

const noComparisons: ComparisonService = {
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
}

const noSeries: SeriesService = {
  create: unserved,
  get: unserved,
  list: unserved,
  route: unserved,
  retry: unserved,
  events: async function* () {
    // A series without a history.
  },
  cancel: unserved,
  remove: unserved,
}

const noResults: SeriesResults = { manifest: unserved, videos: unserved, sheet: unserved, sheetPng: unserved }

function placed(): PlacedAttempt {
  const { id, attempts } = sampleGeneration()
  const [attempt] = attempts
  if (attempt === undefined) throw new Error('the sample has no attempt')
  return { generationId: id, attempt }
}

function recordAttempts(seen: Seen): AttemptService {
  return {
    async exchanges(_client, id) {
      seen.calls.push(`exchanges ${id}`)
      return []
    },
    async look(_client, id) {
      seen.calls.push(`look ${id}`)
      return placed()
    },
    async resolve(_client, id, input) {
      seen.calls.push(`resolve ${id} ${input.verdict}`)
      return { value: placed(), replayed: false }
    },
  }
}

function recordWebhooks(seen: Seen): WebhookService {
  const note = (call: string) => {
    seen.calls.push(call)
  }
  return {
    async deliveries(_client, id, page) {
      note(`deliveries ${id} ${JSON.stringify(page)}`)
      return { data: [sampleDelivery()], hasMore: true }
    },
    async failing(_client, query) {
      note(`failing deliveries ${JSON.stringify(query)}`)
      return { data: [sampleDelivery()], hasMore: true }
    },
    async redeliver(_client, id) {
      note(`redeliver ${id}`)
      return sampleDelivery()
    },
    async secrets() {
      note('secrets')
      return [sampleWebhookSecret()]
    },
    async makeSecret(_client, othersMs) {
      note(`makeSecret ${othersMs}`)
      return { value: { secret: sampleWebhookSecret(), text: 'whsec_c2VjcmV0' }, replayed: false }
    },
    async removeSecret(_client, id) {
      note(`removeSecret ${id}`)
    },
  }
}

/** Services that accept and record everything. Tests replace single methods. */
export function createStubs(): Stubs {
  const seen: Seen = {
    calls: [],
    inputs: [],
    idempotency: [],
    characters: [],
    stored: new Map(),
    discarded: [],
  }
  return {
    seen,
    generations: recordGenerations(seen, sampleGeneration()),
    views: recordViews(seen, sampleGeneration()),
    characters: recordCharacters(seen, sampleCharacter()),
    comparisons: noComparisons,
    series: noSeries,
    seriesResults: noResults,
    changes: { note: async () => undefined, follow: noChanges },
    operations: {
      upstreams: async () => [sampleUpstream()],
      readiness: async () => ({ ready: true, checks: [{ name: 'storage', ok: true, detail: null }] }),
      sharedMedia: async () => null,
      release: async () => true,
      pause: async (_client, upstream, asked) => ({ target: upstream ?? '*', since: 0, by: 'ops', ...asked }),
      resume: async () => true,
      resetBreaker: async (_client, _upstream, operation) => ({ operation, before: 'open', models: [] }),
      probe: async (_client, upstream) => ({ upstream, calls: [], missingModels: null }),
      restore: async () => ({
        heldSince: null,
        movedAway: null,
        searches: [],
        missing: { state: 'not_checked', count: 0, media: [] },
      }),
    },
    usage: { report: async () => sampleUsage() },
    statistics: {
      of: async (_client, upstream) => sampleStatistics(upstream),
      overall: async () => {
        const { upstream: _upstream, rows, ...span } = sampleStatistics('all')
        return { ...span, rows: rows.map((row) => ({ ...row, accepted: 5 })) }
      },
    },
    keys: recordKeys(seen),
    tenants: { list: unserved, get: unserved, update: unserved },
    sessions: recordSessions(seen),
    configuration: () => ({
      version: '0.1.0',
      nodeVersion: '24.0.0',
      path: null,
      loadedAt: 0,
      digest: '00',
      settings: {},
    }),
    nodes: { list: async () => [] },
    audit: recordAudit(seen),
    estimates: createEstimateService({
      gate: { views: () => [sampleUpstream()], accountOf: () => undefined },
      store: {
        async sampleCompleted(query) {
          seen.calls.push(`sample ${JSON.stringify(query)}`)
          return { total: 4, generations: Readable.from([sampleGeneration(), sampleGeneration()]) }
        },
      },
      characters: { get: async () => null, bindings: async () => [] },
      clock: { now: () => Date.UTC(2026, 10, 22) },
      noteView: async (_client, viewed) => {
        seen.calls.push(`view ${JSON.stringify(viewed)}`)
      },
      defaults: { model: 'sora-2' },
    }),
    catalogue: createCatalogueService({
      gate: { views: () => [sampleUpstream()] },
      defaults: { model: 'sora-2' },
    }),
    webhooks: recordWebhooks(seen),
    attempts: recordAttempts(seen),
    intake: recordIntake(seen),
  }
}

/** A server with stubs that is closed at the end of the test. */
export async function serve(
  t: { teardown(end: () => Promise<void>): void },
  stubs: Stubs = createStubs(),
  more: Partial<ServerDeps> = {},
): Promise<FastifyInstance> {
  const { seen, ...services } = stubs
  const app = await buildServer({
    ...services,
    eventTickets: {
      issue: (_as, path) => ({ ticket: `for ${path}`, expiresAt: 0 }),
      find: () => ({ type: 'unknown' }),
    },
    addresses: {
      end: () => Date.UTC(2026, 10, 24),
      of: (id) => ({
        video: `http://gateway.test/media/video.${id}`,
        thumbnail: `http://gateway.test/media/thumbnail.${id}`,
        expiresAt: Date.UTC(2026, 10, 24),
      }),
      open: async () => null,
    },
    shareVideo: ({ mediaId }) => `http://gateway.test/media/${mediaId}`,
    authenticate: (token) => clients.get(token) ?? null,
    isValid: () => true,
    onUnknownKeys: () => undefined,
    // No limit for unknown keys, for tests of other things.
    failures: { perMinute: 10_000, pauseMs: 0, perPause: 1, mostPaused: 0 },
    receiveWebhook: async (upstream) => {
      seen.calls.push(`receiveWebhook ${upstream}`)
    },
    // No load shedding on a busy machine.
    pressure: { eventLoopDelayMs: 60_000, heapBytes: Infinity, sampleMs: 1000 },
    logger: false,
    limits: { uploadBytes: 1024 * 1024 },
    ...more,
  })
  t.teardown(async () => app.close())
  return app
}

/** The same, listening on a free port of the loopback. */
export async function listen(
  ...args: Parameters<typeof serve>
): Promise<{ app: FastifyInstance; url: string }> {
  const app = await serve(...args)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url }
}
