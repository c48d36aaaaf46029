import { createEvidence } from '../../src/gateway/services/operations/evidence.ts'
import { isSuspect } from '../../src/gateway/domain/scheduling/crash.ts'
import { aloneIn, poolAt, stepKindOf } from '../../src/gateway/domain/scheduling/step-pool.ts'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import type { Clock } from '../../src/gateway/ports/clock.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import type { UpstreamDirectory } from '../../src/gateway/ports/upstream.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { createAdvanceGeneration } from '../../src/gateway/services/advance/advance-generation.ts'
import { LeaseLostError } from '../../src/gateway/services/advance/leased-work.ts'
import { createSharedSlots } from '../../src/gateway/services/advance/upstream-slots.ts'
import { createUpstreamGate } from '../../src/gateway/services/advance/upstream-gate.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createEventBus } from '../../src/gateway/storage/event-bus.ts'
import { createExchangeStore } from '../../src/gateway/storage/generations/exchange-store.ts'
import { createSharedRates } from '../../src/gateway/storage/limits/shared-rates.ts'
import { GenerationLoop } from '../../src/gateway/workers/generation-loop.ts'

const unasked = (): Promise<never> => Promise.reject(new Error('no simulated life asks for this'))

const noCharacters: CharacterStore = {
  insert: unasked,
  get: () => Promise.resolve(null),
  getByName: () => Promise.resolve(null),
  scores: () => Promise.resolve([]),
  idsByName: () => Promise.resolve([]),
  list: () => Promise.resolve([]),
  update: unasked,
  changeStills: unasked,
  remove: unasked,
  bindings: () => Promise.resolve([]),
  changeBinding: unasked,
  assumeAccount: async () => undefined,
  dueBindings: () => Promise.resolve([]),
}

const video = {
  kind: 'video',
  contentType: 'video/mp4',
  bytes: 4_000_000,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  width: 1280,
  height: 720,
  durationSeconds: 10,
} as const
const client: Client = {
  keyId: 'key_studio',
  tenant: '',
  key: '',
  scopes: ['generate'],
  allow: ['official', 'reverse'],
  allowUpstreams: null,
  allowModels: null,
  monthlyBudgetMicros: null,
  requestsPerMinute: null,
  maxInFlight: null,
  webhookUrl: null,
}
const noFiles: MediaArchive = {
  put: async () => ({ type: 'stored', info: video }),
  size: async () => null,
  read: () => {
    throw new Error('no simulated life asks for this')
  },
  copy: unasked,
  remove: async () => undefined,
  thumbnail: async () => null,
  cut: unasked,
  stills: unasked,
  writeFault: async () => null,
}
const noBreak = new AbortController().signal

/**
 * The worker of one node as the gateway wires it, with its own stores, rates, slots and steps. What is not there: the network,
 * the archive's files, characters, and the look at the key. `ended` is told of each generation that is over.
 */
export async function createWorker(parts: {
  database: Database
  store: GenerationStorage
  directory: UpstreamDirectory
  clock: Clock
  owner: string
  ended: (generation: Generation) => void
}): Promise<GenerationLoop> {
  const { database, store, directory, clock, ended } = parts
  const logger = createLogger('error', process.stderr)
  const pauses = { of: () => null }
  const rates = createSharedRates(database.counters ?? database.read, clock)
  const gate = createUpstreamGate({
    directory,
    store,
    clock,
    pauses,
    rates,
    slots: createSharedSlots({ store, clock }),
  })
  await gate.start()
  const observing: typeof gate = {
    ...gate,
    observe(generation) {
      gate.observe(generation)
      if (generation.dueAt === null) ended(generation)
    },
  }
  const work = createAdvanceGeneration({
    ...parts,
    gate: observing,
    pauses,
    // Fixed: learnt times would make the first and the last polls of a run differ.
    pacing: {
      firstAfterMs: ({ poll }) => poll.firstAfterMs,
      everyMs: ({ poll }) => poll.everyMs,
      finished: () => undefined,
    },
    logger,
    ids: createIds(clock),
    bus: createEventBus(),
    hold: {
      moved: () => null,
      since: () => null,
      expectHere: async () => undefined,
      release: async () => false,
      readAgain: async () => undefined,
    },
    restoredJobs: {
      round: async () => 0,
      search: async () => [],
      list: async () => [],
      add: async () => undefined,
      madeOf: async () => null,
    },
    evidence: createEvidence({ clock, exchanges: createExchangeStore(database), logger }),
    characters: noCharacters,
    bindings: {
      bind: unasked,
      make: unasked,
      revoke: unasked,
      advance: async () => 0,
      assumeAccounts: async () => undefined,
      recover: async () => undefined,
      noteCrash: async () => undefined,
    },
    authority: {
      status: async ({ tenant, key }) => ({ type: 'active', client: { ...client, tenant, key } }),
    },
    prepareCreate: async (generation, attempt) => ({
      type: 'ready',
      warnings: [],
      request: {
        idempotencyKey: attempt.id,
        model: attempt.model,
        prompt: generation.request.prompt,
        durationSeconds: attempt.durationSeconds,
        size: attempt.size,
        reference: null,
        characterHandles: [],
        inlineCharacters: [],
      },
    }),
    archive: noFiles,
    maxBytes: 1e9,
    downloadMs: 60_000,
    stopping: noBreak,
    routing: { unknownHoldMs: 60_000, watchMs: 86_400_000, onUnexplained: 'fallback' },
  })
  return new GenerationLoop({
    store,
    clock,
    logger,
    work,
    owner: parts.owner,
    isLeaseLost: (error) => error instanceof LeaseLostError,
    isOutage: () => false,
    stopping: new AbortController(),
    isShared: true,
    poolOf({ generation, crashPoints }, now) {
      const pool = poolAt(generation, now)
      return isSuspect(crashPoints) ? aloneIn(pool) : pool
    },
    slotsInAll: 1024,
    slotsIn: (pool) => (stepKindOf(pool) === 'archive' ? 16 : 64),
  })
}
