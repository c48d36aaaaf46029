import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type {
  GenerationStore,
  JobClaim,
  SaveOutcome,
  SaveTerms,
} from '../../ports/generations/generation-store.ts'
import type { AttemptLedger } from '../ledger/attempt-ledger.ts'
import { allOf } from '../engine/all-of.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { generationLock, jobLock, pausesLock, upstreamLock } from '../engine/lock-names.ts'
import type { Lock, Locked } from '../engine/write-options.ts'
import { createLimitLocks, type HeldLimits } from '../ledger/limit-locks.ts'
import { prepareFillOutbox } from '../webhooks/delivery-outbox.ts'
import type { EventLog } from './event-log.ts'
import type { KnownDocuments } from './known-documents.ts'
import { generationColumns, type GenerationColumns } from './generation-rows.ts'
import { prepareIsPaused } from '../queue/pause-store.ts'
import { prepareFitsSpendCap } from '../ledger/upstream-spend.ts'
import { createTakenSlots } from '../ledger/taken-slots.ts'
import { prepareReserve } from './insert-limits.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

type Lease = SaveTerms['lease']

interface SaveValues extends GenerationColumns {
  version: number
  entries: number
  owner: string | null
}

const numbered = z.object({ last_seq: z.number() })
const fenceRow = z.object({ lease_owner: z.string().nullable() })

/** Writes the next version of a generation with its log, webhook events and attempts, if the fence allows it. */
export function createSaveGeneration(
  database: Database,
  { log, ledger, known }: { log: EventLog; ledger: AttemptLedger; known: KnownDocuments },
): GenerationStore['save'] {
  const { read, write } = database
  const updates = {
    unleased: prepareUpdate(read, 'unleased'),
    held: prepareUpdate(read, 'held'),
    released: prepareUpdate(read, 'released'),
  }

  const appendAudit = prepareAppendAudit(read)
  const fillOutbox = prepareFillOutbox(read)
  const isPaused = prepareIsPaused(read)
  const fitsSpendCap = prepareFitsSpendCap(database)
  const reserve = prepareReserve(database)
  const slots = createTakenSlots(database)
  const { holding } = createLimitLocks(database)

  return async (next, terms) => {
    const { version, entries, lease, audit, claim, unlessPaused, reopens, spendLimit, slot } = terms
    const columns = generationColumns(next)
    const update = updates[leaseUse(lease)]
    const save = async (transaction: Kysely<Schema>, held: Held): Promise<SaveOutcome> => {
      if (claim !== undefined && (await isTaken(transaction, claim))) return 'conflict'
      if (unlessPaused !== undefined && (await isPaused(transaction, unlessPaused))) return 'paused'
      if (spendLimit !== undefined && !(await fitsSpendCap(transaction, spendLimit))) return 'over_spend_cap'
      if (slot !== undefined && !(await slots.isFree(transaction, slot))) return 'no_slot'
      if (reopens !== undefined) {
        // The update itself adds to the totals.
        const { worstMicros } = reopens
        const asked = {
          tenant: next.tenant,
          key: next.key,
          worstMicros,
          open: 0,
          headroomMicros: 0,
        } as const
        const { broken } = await reserve(transaction, asked, reopens, held)
        if (broken !== null) return broken.type
      }
      const values = { ...columns, version, entries: entries.length, owner: lease?.owner ?? null }
      const [row] = await update(transaction, values)
      if (row === undefined) return whyNot(transaction, next.id, lease)
      const lastSeq = numbered.parse(row).last_seq
      await allOf([
        log.append(transaction, next.id, lastSeq, entries),
        fillOutbox(transaction, next, lastSeq, entries),
        ledger.record(transaction, next),
        ...(audit === undefined ? [] : [appendAudit(transaction, audit)]),
      ])
      known.note(columns.doc, next)
      return 'saved'
    }
    const options = { queue: lease === null ? 'callers' : 'workers', locks: locksOf(next, terms) } as const
    if (reopens === undefined) return write((transaction) => save(transaction, notLimited), options)
    const { tenant, key } = next
    const { worstMicros } = reopens
    return holding({ tenant, key, limits: reopens, worstMicros, inOneStatement: false }, ({ locks }, held) =>
      write((transaction, locked) => save(transaction, { ...held, locked }), {
        ...options,
        locks: [...options.locks, ...locks],
      }),
    )
  }
}

type Held = HeldLimits & { locked: Locked }

const notLimited: Held = {
  tenant: true,
  check: () => undefined,
  inAdvance: false,
  checkKey: () => undefined,
  locked: () => Promise.resolve(),
}

/** Of everything that a save looks at before it writes. */
function locksOf({ id }: Generation, { claim, unlessPaused, spendLimit, slot }: SaveTerms): Lock[] {
  const upstream = spendLimit?.upstream ?? slot?.upstream
  return [
    generationLock(id),
    ...(claim === undefined ? [] : [jobLock(claim.upstream, claim.upstreamId)]),
    ...(unlessPaused === undefined ? [] : [pausesLock.respect]),
    ...(upstream === undefined ? [] : [upstreamLock(upstream)]),
  ]
}

async function isTaken(
  transaction: Kysely<Schema>,
  { attemptId, upstream, upstreamId }: JobClaim,
): Promise<boolean> {
  const owner = await transaction
    .selectFrom('attempts')
    .select('id')
    .where('upstream', '=', upstream)
    .where('upstream_id', '=', upstreamId)
    .where('id', '!=', attemptId)
    .limit(1)
    .executeTakeFirst()
  return owner !== undefined
}

type LeaseUse = 'unleased' | 'held' | 'released'

function leaseUse(lease: Lease): LeaseUse {
  if (lease === null) return 'unleased'
  return lease.release ? 'released' : 'held'
}

/** The fence is the version that was read and, for a worker, the lease it works under. */
function prepareUpdate(queries: Kysely<Schema>, use: LeaseUse) {
  return prepareQuery<SaveValues>((parameter) =>
    queries
      .updateTable('generations')
      .set({
        status: parameter('status'),
        due_at: parameter('due_at'),
        due_pool: parameter('due_pool'),
        expires_at: parameter('expires_at'),
        headroom_micros: parameter('headroom_micros'),
        video_at: parameter('video_at'),
        error: parameter('error'),
        attention_at: parameter('attention_at'),
        doc: parameter('doc'),
        version: sql`version + 1`,
        last_seq: sql`last_seq + ${parameter('entries')}`,
      })
      .$if(use !== 'unleased', (query) =>
        query.set({
          crash_points: sql<number>`case when crashed_by = ${parameter('owner')} then crash_points else 0 end`,
          crashed_by: sql`case when crashed_by = ${parameter('owner')} then crashed_by end`,
        }),
      )
      .$if(use === 'released', (query) => query.set({ lease_owner: null, lease_until: null }))
      .where('id', '=', parameter('id'))
      .where('version', '=', parameter('version'))
      .$if(use !== 'unleased', (query) => query.where('lease_owner', '=', parameter('owner')))
      .returning('last_seq'),
  )
}

/**
 * Finds the part of the fence that rejected the write. A lost lease is checked first, because the worker must stop
 * then.
 */
async function whyNot(
  transaction: Kysely<Schema>,
  id: GenerationId,
  lease: Lease,
): Promise<Exclude<SaveOutcome, 'saved'>> {
  const row = await transaction
    .selectFrom('generations')
    .select('lease_owner')
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return 'missing'
  return lease !== null && fenceRow.parse(row).lease_owner !== lease.owner ? 'lease_lost' : 'conflict'
}
