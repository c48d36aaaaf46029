import { sql } from 'kysely'
import { logColumns } from '../log-entry-type.ts'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { SeriesId } from '../../domain/ids.ts'
import { seriesEventTypes } from '../../domain/series/series-events.ts'
import type { SeriesEntry } from '../../domain/series/series-events.ts'
import type { SeriesRecord } from '../../ports/series/series-store.ts'
import { json } from '../generations/request-document.ts'
import type { Schema } from '../schema.ts'
import { storedWord } from '../stored-word.ts'

const recordRow = z.object({
  seq: z.number(),
  type: storedWord(seriesEventTypes),
  at: z.number(),
  data: z.string(),
})
const data = z.record(z.string(), json)
const lastRow = z.object({ seq: z.number() })

/** Numbers continue from the last record; returns the last one. Writers of one series are serialized by its version. */
export async function appendSeriesLog(
  transaction: Kysely<Schema>,
  id: SeriesId,
  entries: readonly SeriesEntry[],
): Promise<number> {
  if (entries.length === 0) return 0
  const row = await transaction
    .selectFrom('series_events')
    .select(sql<number>`coalesce(max(seq), 0)`.as('seq'))
    .where('series_id', '=', id)
    .executeTakeFirstOrThrow()
  const { seq: last } = lastRow.parse(row)
  const rows = entries.map((entry, index) => ({
    series_id: id,
    seq: last + index + 1,
    type: entry.type,
    at: entry.at,
    data: JSON.stringify(entry.data),
  }))
  await transaction.insertInto('series_events').values(rows).execute()
  return last + entries.length
}

export async function readSeriesLog(
  read: Kysely<Schema>,
  id: SeriesId,
  afterSeq: number,
  limit: number,
): Promise<SeriesRecord[]> {
  const rows = await read
    .selectFrom('series_events')
    .select(logColumns)
    .where('series_id', '=', id)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return z
    .array(recordRow)
    .parse(rows)
    .map((row) => ({ ...row, data: data.parse(JSON.parse(row.data)) }))
}
