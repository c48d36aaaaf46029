import { z } from 'zod'
import { attemptStates } from '../../domain/generation/generation.ts'
import { generationStatuses } from '../../domain/generation/history.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { Claimed, GenerationQueue } from '../../ports/generations/generation-queue.ts'
import { poolShares, type WaitingPool } from '../../domain/scheduling/pool-shares.ts'
import { localPool } from '../../domain/scheduling/step-pool.ts'
import { createCrashCounts, nobody } from './crash-counts.ts'
import { allOf } from '../engine/all-of.ts'
import type { Database } from '../engine/database.ts'
import { generationLock } from '../engine/lock-names.ts'
import { prepareDueRows } from './due-rows.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { parseGeneration } from '../generations/generation-rows.ts'
import type { KnownDocuments } from '../generations/known-documents.ts'

/** Each number of ids makes a statement of its own, so ids are sent in chunks to bound their number. */
const IDS_PER_STATEMENT = 100

const claimedRow = z.object({
  id: z.string(),
  doc: z.string(),
  version: z.number(),
  crash_points: z.number(),
})
const claimedRows = z.array(claimedRow)
const instantRow = z.object({ at: z.number().nullable() })
const poolRows = z.array(z.object({ pool: z.string(), due_at: z.number() }))

const statusHere = z.enum(generationStatuses)
const stateHere = z.enum(attemptStates)

/** Rejects a state that only another release knows: what to do next is not known here. */
function assertWorkable({ status, attempts }: Generation): void {
  statusHere.parse(status)
  for (const { state } of attempts) stateHere.parse(state)
}

/** A document that cannot be parsed must not block the others. It stays unchanged, under its lease. */
function readable(
  { id, doc, version, crash_points: crashPoints }: z.output<typeof claimedRow>,
  known: KnownDocuments,
): Claimed[] {
  try {
    const generation = known.take(id, doc) ?? parseGeneration(doc)
    assertWorkable(generation)
    return [{ generation, version, crashPoints }]
  } catch (error) {
    process.emitWarning(new Error('skipping a stored generation that cannot be read', { cause: error }))
    return []
  }
}

function poolsOf(rows: unknown[]): WaitingPool[] {
  return poolRows.parse(rows).map(({ pool, due_at: dueAt }) => ({ pool, dueAt }))
}

/** Leases: an owner, and the instant from which anyone else may take over. */
export function createClaims({ read, write, skipLocked }: Database, known: KnownDocuments): GenerationQueue {
  const due = prepareDueRows(read, skipLocked)
  /** Where the last claim ended among the pools. */
  let lastServed = ''

  return {
    async claimDue({ now, owner, leaseUntil, limit, free = () => limit }) {
      const rows = await write(
        async (transaction) => {
          const values = { now, owner, leaseUntil }
          const [found, expired] = await allOf([
            due.pools(transaction, {}),
            due.claimExpired(transaction, { ...values, limit: Math.min(limit, free(localPool)) }),
          ])
          const shares = poolShares(poolsOf(found), {
            now,
            limit: limit - expired.length,
            after: lastServed,
            free: (pool) => free(pool) - (pool === localPool ? expired.length : 0),
          })
          lastServed = shares.at(-1)?.pool ?? lastServed
          return [...expired, ...(await due.claim(transaction, shares, values))]
        },
        { queue: 'workers', locks: [], repeatable: true },
      )
      return claimedRows
        .parse(rows)
        .flatMap((row) => readable(row, known))
        .toSorted((a, b) => (a.generation.dueAt ?? now) - (b.generation.dueAt ?? now))
    },
    async nextDueAt(free = () => 1) {
      const pools = poolsOf(await due.pools(read, {})).flatMap(({ pool }) => (free(pool) > 0 ? [pool] : []))
      const rows = await allOf([
        due.earliestExpiry(read, {}),
        due.earliestIn(read, { pools: JSON.stringify(pools) }),
      ])
      const instants = z
        .array(instantRow)
        .parse(rows.flat())
        .flatMap(({ at }) => at ?? [])
      return instants.length === 0 ? null : Math.min(...instants)
    },
    ...createLeases({ read, write }),
    ...createCrashCounts({ write, skipLocked }),
  }
}

function createLeases({
  read,
  write,
}: Pick<Database, 'read' | 'write'>): Pick<GenerationQueue, 'release' | 'renew'> {
  const letGo = prepareQuery<{ id: string; owner: string }>((parameter) =>
    read
      .updateTable('generations')
      .set(nobody)
      .where('id', '=', parameter('id'))
      .where('lease_owner', '=', parameter('owner')),
  )
  const letGoInto = prepareQuery<{ id: string; owner: string; pool: string }>((parameter) =>
    read
      .updateTable('generations')
      .set({ ...nobody, due_pool: parameter('pool') })
      .where('id', '=', parameter('id'))
      .where('lease_owner', '=', parameter('owner')),
  )
  return {
    async release(id, owner, pool) {
      await write(
        (transaction) =>
          pool === undefined
            ? letGo(transaction, { id, owner })
            : letGoInto(transaction, { id, owner, pool }),
        { locks: [generationLock(id)], repeatable: true },
      )
    },
    async renew(ids, owner, leaseUntil) {
      for (let first = 0; first < ids.length; first += IDS_PER_STATEMENT) {
        const chunk = ids.slice(first, first + IDS_PER_STATEMENT)
        await write(
          (transaction) =>
            transaction
              .updateTable('generations')
              .set({ lease_until: leaseUntil })
              .where('id', 'in', chunk)
              .where('lease_owner', '=', owner)
              .execute(),
          { locks: chunk.map(generationLock), repeatable: true },
        )
      }
    },
  }
}
