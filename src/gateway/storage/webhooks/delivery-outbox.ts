import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { deliveriesOf, seriesDeliveriesOf } from '../../domain/webhooks/delivery.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { SeriesEntry } from '../../domain/series/series-events.ts'
import type { Series } from '../../domain/series/series.ts'
import { deliveryRow } from './delivery-rows.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import type { DeliveriesTable } from '../tables/webhook-tables.ts'

/** Adds deliveries for new log records, in the transaction of the records. */
export type FillOutbox = (
  transaction: Kysely<Schema>,
  generation: Generation,
  lastSeq: number,
  entries: readonly LogEntry[],
) => Promise<void>

const earlierRows = z.array(z.object({ state: z.string(), due_at: z.number().nullable() }))

export function prepareFillOutbox(queries: Kysely<Schema>): FillOutbox {
  const earlierOf = prepareQuery<{ generation: string }>((parameter) =>
    queries
      .selectFrom('deliveries')
      .select(['state', 'due_at'])
      .where('generation_id', '=', parameter('generation'))
      .where('state', 'in', [sql.lit('pending'), sql.lit('disabled')]),
  )
  const insert = prepareInsert(queries)
  return async (transaction, generation, lastSeq, entries) => {
    const deliveries = deliveriesOf(generation, lastSeq, entries)
    if (deliveries.length === 0) return
    const earlier = earlierRows.parse(await earlierOf(transaction, { generation: generation.id }))
    const disabled = earlier.some(({ state }) => state === 'disabled')
    // A delivery that waits for an earlier one gets the same due time. Otherwise it would be read in vain until then.
    const dueAt = Math.max(...earlier.map(({ due_at }) => due_at ?? 0))
    for (const delivery of deliveries) {
      const row = deliveryRow(delivery)
      await insert(
        transaction,
        disabled
          ? { ...row, state: 'disabled', due_at: null }
          : { ...row, due_at: Math.max(delivery.at, dueAt) },
      )
    }
  }
}

function prepareInsert(queries: Kysely<Schema>) {
  return prepareQuery<DeliveriesTable>((parameter) =>
    queries.insertInto('deliveries').values({
      id: parameter('id'),
      tenant: parameter('tenant'),
      generation_id: parameter('generation_id'),
      series_id: parameter('series_id'),
      seq: parameter('seq'),
      url: parameter('url'),
      destination: parameter('destination'),
      type: parameter('type'),
      at: parameter('at'),
      status: parameter('status'),
      format: parameter('format'),
      state: parameter('state'),
      tries: parameter('tries'),
      failures: parameter('failures'),
      due_at: parameter('due_at'),
      expires_at: parameter('expires_at'),
      lease_owner: parameter('lease_owner'),
      lease_until: parameter('lease_until'),
    }),
  )
}

/** The same for the end of a series. */
export async function fillSeriesOutbox(
  transaction: Kysely<Schema>,
  series: Series,
  lastSeq: number,
  entries: readonly SeriesEntry[],
): Promise<void> {
  const rows = seriesDeliveriesOf(series, lastSeq, entries).map(deliveryRow)
  if (rows.length > 0) await transaction.insertInto('deliveries').values(rows).execute()
}
