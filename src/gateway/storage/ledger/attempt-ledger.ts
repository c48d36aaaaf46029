import { sql, type Kysely, type RawBuilder } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { AttemptId } from '../../domain/ids.ts'
import type {
  AttemptPlace,
  AttemptStatistics,
  LiveAttempt,
} from '../../ports/generations/generation-ledger.ts'
import { attemptStatistics } from './attempt-statistics.ts'
import { seekingBy } from './seeking-by.ts'
import { createTakenSlots } from './taken-slots.ts'
import type { Database } from '../engine/database.ts'
import { attemptId, generationId } from '../generations/generation-document.ts'
import { attemptRow } from '../generations/generation-rows.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import type { AttemptsTable } from '../tables/generation-tables.ts'

/** The condition of the index `attempts_live`. Attempts of removed generations hold no slot. */
const live = sql<boolean>`attempts.state in ('binding', 'submitting', 'unknown', 'running') and attempts.generation_id is not null`

/** The condition of the index `attempts_not_taken`: attempts that an operator resolved as not accepted by the upstream. */
const notTaken = sql<boolean>`state = 'failed' and failure_code = 'not_taken'`

/** On conflict, the row that was to be inserted. */
const incoming = <Column extends keyof AttemptsTable>(column: Column) =>
  sql.ref<AttemptsTable[Column]>(`excluded.${column}`)

/** Columns that can change after the insert. Most saves only change the progress, which is not stored here. */
const mutable = [
  'state',
  'upstream_id',
  'reserved_micros',
  'cost_micros',
  'cost_state',
  'vendor_micros',
  'list_micros',
  'delivered',
  'failure_code',
  'submitted_at',
  'accepted_at',
  'ended_at',
  'queue_ms',
  'render_ms',
  'download_ms',
  'slot_until',
] as const

const liveAttempt: z.ZodType<LiveAttempt> = z.object({ id: attemptId, upstream: z.string() })

const attemptPlace: z.ZodType<AttemptPlace> = z.object({
  attemptId,
  generationId: generationId.nullable(),
})

/** Attempts as rows, for counting money, slots and jobs. */
export interface AttemptLedger {
  record: (transaction: Kysely<Schema>, generation: Generation) => Promise<void>
  liveAttempts: () => Promise<LiveAttempt[]>
  slotsTaken: (at: number) => Promise<Map<string, number>>
  statistics: (since: number) => Promise<AttemptStatistics[]>
  ownsJob: (upstream: string, upstreamId: string) => Promise<boolean>
  ownersOf: (upstream: string, upstreamIds: string[]) => Promise<AttemptPlace[]>
  placeOf: (id: AttemptId) => Promise<AttemptPlace | null>
  unknownAttempts: (upstream: string, since: number, limit: number) => Promise<AttemptPlace[]>
  unansweredCreates: (upstream: string, limit: number) => Promise<number>
}

export function createAttemptLedger(database: Database): AttemptLedger {
  const { read } = database
  const upsert = prepareUpsert(read)

  return {
    async record(transaction, generation) {
      for (const attempt of generation.attempts) {
        await upsert(transaction, attemptRow(generation, attempt))
      }
    },
    async liveAttempts() {
      const rows = await read
        .selectFrom('attempts')
        .innerJoin('generations', 'generations.id', 'attempts.generation_id')
        .select(['attempts.id', 'attempts.upstream'])
        .where(live)
        .where((row) =>
          row.or([
            row('attempts.state', '!=', 'unknown'),
            row('generations.status', 'in', ['queued', 'in_progress']),
          ]),
        )
        .orderBy('attempts.upstream')
        .execute()
      return z.array(liveAttempt).parse(rows)
    },
    slotsTaken: createTakenSlots(database).count,
    statistics: (since) => attemptStatistics(read, since),
    async ownsJob(upstream, upstreamId) {
      const row = await read
        .selectFrom('attempts')
        .select('id')
        .where('upstream', '=', upstream)
        .where('upstream_id', '=', upstreamId)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
    ...attemptPlaces(read),
    async unansweredCreates(upstream, limit) {
      const { rows } = await sql`select id from ${seekingBy(read, 'attempts', 'attempts_live')}
        where ${live} and upstream = ${upstream} and state in ('submitting', 'unknown') limit ${limit}`.execute(
        read,
      )
      return rows.length
    },
  }
}

/** Columns that identify an attempt and its generation. */
const placeColumns = ['id as attemptId', 'generation_id as generationId'] as const

function attemptPlaces(
  read: Kysely<Schema>,
): Pick<AttemptLedger, 'ownersOf' | 'placeOf' | 'unknownAttempts'> {
  return {
    async ownersOf(upstream, upstreamIds) {
      if (upstreamIds.length === 0) return []
      const rows = await read
        .selectFrom('attempts')
        .select(placeColumns)
        .where('upstream', '=', upstream)
        .where('upstream_id', 'in', upstreamIds)
        .orderBy('id')
        .execute()
      return z.array(attemptPlace).parse(rows)
    },
    async placeOf(id) {
      const row = await read
        .selectFrom('attempts')
        .select(placeColumns)
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : attemptPlace.parse(row)
    },
    async unknownAttempts(upstream, since, limit) {
      const of = async (index: string, which: RawBuilder<boolean>): Promise<unknown[]> => {
        const { rows } =
          await sql`select id as "attemptId", generation_id as "generationId" from ${seekingBy(read, 'attempts', index)}
            where ${which} and upstream = ${upstream} and started_at >= ${since} order by id desc limit ${limit}`.execute(
            read,
          )
        return rows
      }
      const rows = [
        ...(await of('attempts_live', sql`${live} and attempts.state = 'unknown'`)),
        ...(await of('attempts_not_taken', notTaken)),
      ]
      return z
        .array(attemptPlace)
        .parse(rows)
        .toSorted((a, b) => (a.attemptId < b.attemptId ? 1 : -1))
        .slice(0, limit)
    },
  }
}

function prepareUpsert(read: Kysely<Schema>) {
  return prepareQuery<AttemptsTable>((parameter) =>
    read
      .insertInto('attempts')
      .values({
        id: parameter('id'),
        generation_id: parameter('generation_id'),
        generation: parameter('generation'),
        tenant: parameter('tenant'),
        key: parameter('key'),
        upstream: parameter('upstream'),
        kind: parameter('kind'),
        model: parameter('model'),
        characters: parameter('characters'),
        state: parameter('state'),
        upstream_id: parameter('upstream_id'),
        reserved_micros: parameter('reserved_micros'),
        cost_micros: parameter('cost_micros'),
        cost_state: parameter('cost_state'),
        cheapest_micros: parameter('cheapest_micros'),
        official_micros: parameter('official_micros'),
        vendor_micros: parameter('vendor_micros'),
        list_micros: parameter('list_micros'),
        vendor_read: parameter('vendor_read'),
        delivered: parameter('delivered'),
        failure_code: parameter('failure_code'),
        started_at: parameter('started_at'),
        submitted_at: parameter('submitted_at'),
        accepted_at: parameter('accepted_at'),
        ended_at: parameter('ended_at'),
        queue_ms: parameter('queue_ms'),
        render_ms: parameter('render_ms'),
        download_ms: parameter('download_ms'),
        slot_until: parameter('slot_until'),
        counted: parameter('counted'),
      })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({
            state: incoming('state'),
            upstream_id: incoming('upstream_id'),
            reserved_micros: incoming('reserved_micros'),
            cost_micros: incoming('cost_micros'),
            cost_state: incoming('cost_state'),
            vendor_micros: incoming('vendor_micros'),
            list_micros: incoming('list_micros'),
            delivered: incoming('delivered'),
            failure_code: incoming('failure_code'),
            submitted_at: incoming('submitted_at'),
            accepted_at: incoming('accepted_at'),
            ended_at: incoming('ended_at'),
            queue_ms: incoming('queue_ms'),
            render_ms: incoming('render_ms'),
            download_ms: incoming('download_ms'),
            slot_until: incoming('slot_until'),
          })
          .where((row) =>
            row.or(
              mutable.map(
                (column) =>
                  sql<boolean>`${sql.ref(`attempts.${column}`)} is distinct from ${incoming(column)}`,
              ),
            ),
          ),
      ),
  )
}
