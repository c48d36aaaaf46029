import { type Kysely } from 'kysely'
import { z } from 'zod'
import { deliveriesOf, seriesDeliveriesOf } from '../../domain/webhooks/delivery.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { SeriesEntry } from '../../domain/series/series-events.ts'
import type { Series } from '../../domain/series/series.ts'
import { deliveryRow } from './delivery-rows.ts'
import type { Schema } from '../schema.ts'

/** Adds deliveries for new log records, in the transaction of the records. */
export type FillOutbox = (
  transaction: Kysely<Schema>,
  generation: Generation,
  lastSeq: number,
  entries: readonly LogEntry[],
) => Promise<void>

const earlierRows = z.array(z.object({ state: z.string(), due_at: z.number().nullable() }))

export const fillOutbox: FillOutbox = async (transaction, generation, lastSeq, entries) => {
  const deliveries = deliveriesOf(generation, lastSeq, entries)
  if (deliveries.length === 0) return
  const earlier = earlierRows.parse(
    await transaction
      .selectFrom('deliveries')
      .select(['state', 'due_at'])
      .where('generation_id', '=', generation.id)
      .where('state', 'in', ['pending', 'disabled'])
      .execute(),
  )
  const disabled = earlier.some(({ state }) => state === 'disabled')
  // A delivery that waits for an earlier one gets the same due time. Otherwise it would be read in vain until then.
  const dueAt = Math.max(...earlier.map(({ due_at }) => due_at ?? 0))
  for (const delivery of deliveries) {
    const row = deliveryRow(delivery)
    await transaction
      .insertInto('deliveries')
      .values(
        disabled
          ? { ...row, state: 'disabled', due_at: null }
          : { ...row, due_at: Math.max(delivery.at, dueAt) },
      )
      .execute()
  }
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
