import { DatabaseSync } from 'node:sqlite'
import { monthStart } from '../../src/gateway/domain/accounts/client.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry, anAttempt, attemptId, generationId } from '../../test/fixtures/generation.ts'
import { tenant, upstreamOf } from './gateway.ts'

/** Inserts that share a commit. */
const together = 500
/** How long the jobs are taken to have run already, at most. */
const agesMs = 600_000
const deadlineMs = 14_400_000

/** What the vendor calls the job of the generation with this number. */
export const jobOf = (number: number): string => `job-${number}`

const usual = aGeneration()
const usualAttempt = anAttempt()

/** The generation with this number, with a job under way at one of the upstreams. */
export function underWay(
  number: number,
  upstreams: number,
  { now, dueAt }: { now: number; dueAt: number },
): Generation {
  const { request, plan } = usual
  const startedAt = now - (number % agesMs)
  const upstream = upstreamOf(number % upstreams)
  const [first, ...others] = plan.candidates
  if (first === undefined) throw new Error('the plan has no candidate')
  return {
    ...usual,
    id: generationId(number),
    tenant,
    key: 'key-0',
    status: 'in_progress',
    progress: 40,
    request: { ...request, characters: [], metadata: { shot: `shot-${number % 5000}` } },
    plan: { ...plan, candidates: [{ ...first, upstream }, ...others] },
    attempts: [
      {
        ...usualAttempt,
        id: attemptId(number),
        upstream,
        fidelity: null,
        model: 'sora-2',
        upstreamId: jobOf(number),
        operation: { id: jobOf(number) },
        startedAt,
        submittedAt: startedAt + 5,
        acceptedAt: startedAt + 500,
        lastChangeAt: now,
        stallMs: 7_200_000,
        deadlineAt: now + deadlineMs,
        dueAt,
      },
    ],
    createdAt: startedAt,
    deadlineAt: now + deadlineMs,
    nextAttemptAt: null,
    dueAt,
  }
}

export async function insert(store: GenerationStorage, generation: Generation): Promise<void> {
  const { createdAt } = generation
  const inserted = await store.insert(generation, {
    entries: [aLogEntry({ at: createdAt }), aLogEntry({ at: createdAt + 500, type: 'attempt.accepted' })],
    idempotency: null,
    limits: { monthStart: monthStart(createdAt), monthlyBudgetMicros: null, maxInFlight: null },
  })
  if (inserted.type !== 'inserted') throw new Error(`a generation was not stored: ${inserted.type}`)
}

/** Adds `count` generations to a database, new or not, each with a job under way at one of the upstreams, to be polled in `dueInMs`. */
export async function fillInFlight(
  file: string,
  count: number,
  upstreams: number,
  { dueInMs = 0 }: { dueInMs?: number } = {},
): Promise<void> {
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const now = Date.now()
  for (let from = 1; from <= count; from += together) {
    const numbers = Array.from({ length: Math.min(together, count - from + 1) }, (_, index) => from + index)
    await Promise.all(
      numbers.map((number) => insert(store, underWay(number, upstreams, { now, dueAt: now + dueInMs }))),
    )
  }
  while ((await store.countLedger()) > 0);
}

/** Makes the job with number n due at `from + n * everyMs / count` (ms since the epoch), as if all were in the midst of being polled. */
export function spreadPolls(
  file: string,
  { from, everyMs, count }: { from: number; everyMs: number; count: number },
  idOf: (number: number) => string = generationId,
): void {
  using raw = new DatabaseSync(file)
  raw.exec('begin')
  const move = raw.prepare('update generations set due_at = ? where id = ?')
  for (let number = 1; number <= count; number++)
    move.run(dueAtOf(number, { from, everyMs, count }), idOf(number))
  raw.exec('commit')
}

export function dueAtOf(
  number: number,
  { from, everyMs, count }: { from: number; everyMs: number; count: number },
): number {
  return Math.round(from + (number * everyMs) / count)
}
