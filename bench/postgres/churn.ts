import { setTimeout as pause } from 'node:timers/promises'
import { ulid } from 'ulid'
import { z } from 'zod'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { Claimed } from '../../src/gateway/ports/generations/generation-queue.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, aLogEntry, anAttempt } from '../../test/fixtures/generation.ts'
import { claimAll } from './claims.ts'
import { settleAll } from './settles.ts'
import { batch, inParallel, inTurn, owner, unlimited, type Base, type Stage } from './stage.ts'

/** Generations that are under way at a time. */
const underWay = 5000
/** Finished generations that are kept before the oldest is removed. */
const kept = 20_000
/** Polls of each generation before it is completed. */
const polls = 4
const pollEveryMs = 1000

interface Churned {
  /** What was written before the figures were taken. */
  minutes: number
  updates: number
  /** Per second in the churned database, and in a new one with the same rows, freshly written. */
  claims: Array<[number, number]>
  settles: Array<[number, number]>
}

/** The next version of a claimed generation: one poll more, or its end. */
function advanced({ generation }: Claimed, now: number): Generation {
  const [attempt = anAttempt({ startedAt: now })] = generation.attempts
  const progress = generation.progress + 100 / (polls + 1)
  if (progress < 99)
    return { ...generation, status: 'in_progress', progress, attempts: [attempt], dueAt: now + pollEveryMs }
  const ended = {
    ...attempt,
    state: 'succeeded',
    costMicros: 120_000,
    costState: 'settled',
    endedAt: now,
  } as const
  return {
    ...generation,
    status: 'completed',
    progress: 100,
    attempts: [ended],
    dueAt: null,
    completedAt: now,
  }
}

const counted = z.array(z.object({ updates: z.coerce.number() }))

async function updatesOf({ query }: Base): Promise<number> {
  const rows = await query('select coalesce(sum(n_tup_upd), 0) as updates from pg_stat_user_tables')
  return counted.parse(rows)[0]?.updates ?? 0
}

async function accept(store: GenerationStorage): Promise<void> {
  const generation = aGeneration({ id: `gen_${ulid().toLowerCase()}`, dueAt: Date.now() })
  await store.insert(generation, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
}

/**
 * Accepts, claims, polls, completes and removes generations, as the workers of one node do, in at most `perSecond` steps, until it
 * is `isOver`. Then nothing is due.
 */
async function churn(
  { stores: [store], query }: Base,
  { perSecond, isOver }: { perSecond: number; isOver: () => boolean },
): Promise<void> {
  const finished = new Array<Generation['id']>()
  const step = async (claimed: Claimed) => {
    const next = advanced(claimed, Date.now())
    const entries = [aLogEntry({ type: 'attempt.progress' })]
    await store.save(next, { version: claimed.version, entries, lease: { owner, release: true } })
    if (next.dueAt !== null) return
    finished.push(next.id)
    const oldest = finished.length > kept ? finished.shift() : undefined
    await Promise.all([accept(store), oldest !== undefined && store.remove(oldest)])
  }
  for (let count = 0; count < underWay; count += batch)
    await Promise.all(Array.from({ length: batch }, () => accept(store)))
  const started = Date.now()
  let steps = 0
  await inParallel(2, async () => {
    while (!isOver()) {
      const now = Date.now()
      const claimed = await store.claimDue({ now, owner, leaseUntil: now + 30_000, limit: batch })
      await Promise.all(claimed.map(step))
      steps += claimed.length
      const ahead = (steps / perSecond) * 1000 - (Date.now() - started)
      if (ahead > 0 || claimed.length === 0) await pause(Math.max(ahead, 20))
    }
  })
  await query('update generations set due_at = null, expires_at = null where due_at is not null')
}

const claimsOf = (base: Base) => async () => {
  await base.releaseAll()
  return claimAll(base)
}

/** Ends the churn after so many minutes or row updates, whichever comes first. */
export async function measureChurn(
  stage: Stage,
  of: {
    minutes: number
    updates: number
    perSecond: number
    passes: number
    claims: number
    settles: number
  },
): Promise<Churned> {
  const churned = await stage.base('churned', 1)
  const started = Date.now()
  let isEnough = false
  const look = setInterval(() => {
    void updatesOf(churned).then((updates) => (isEnough = updates >= of.updates))
  }, 10_000)
  const isOver = () => isEnough || Date.now() > started + of.minutes * 60_000
  await churn(churned, { perSecond: of.perSecond, isOver })
  clearInterval(look)
  const minutes = (Date.now() - started) / 60_000
  const updates = await updatesOf(churned)

  const bases = [churned, await stage.rewritten('beginning', churned)] as const
  let next = 1_000_000
  for (const base of bases) await base.fill(next, of.claims, { leased: false })
  for (const base of bases) await claimsOf(base)()
  const claims = await inTurn(of.passes, claimsOf(bases[0]), claimsOf(bases[1]))
  for (const base of bases) await base.query('delete from generations where due_at is not null')
  const settlesOf = (base: Base) => async () => {
    next += of.settles
    await base.fill(next, of.settles, { leased: true })
    return settleAll(base, next, of.settles)
  }
  next += of.claims
  for (const base of bases) await settlesOf(base)()
  const settles = await inTurn(of.passes, settlesOf(bases[0]), settlesOf(bases[1]))
  return { minutes, updates, claims, settles }
}
