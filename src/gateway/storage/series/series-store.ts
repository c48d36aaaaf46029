import { sql } from 'kysely'
import { z } from 'zod'
import { statusOf } from '../../domain/series/series.ts'
import type { Series } from '../../domain/series/series.ts'
import type { SeriesStore } from '../../ports/series/series-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { createDocumentClaims } from '../queue/document-claims.ts'
import { fillSeriesOutbox } from '../webhooks/delivery-outbox.ts'
import type { SeriesTable } from '../tables/series-tables.ts'
import { parseRequests, parseSeries, parseStoredSeries, seriesId } from './series-document.ts'
import { appendSeriesLog, readSeriesLog } from './series-log.ts'

const idRow = z.object({ id: seriesId })
const requestsRow = z.object({ requests: z.string() })

/** The version fences the row, and the log follows the row. */
const byVersion = { queue: 'workers', locks: [] } as const

/** Series as one JSON document each, and the requests of their scenes as another. */
export function createSeriesStore(database: Database): SeriesStore {
  return {
    ...readsOf(database),
    ...createDocumentClaims(database, 'series', seriesId, parseStoredSeries),
    ...writesOf(database),
  }
}

function readsOf({ read }: Database): Pick<SeriesStore, 'get' | 'requests' | 'list' | 'events'> {
  return {
    async get(id) {
      const row = await read
        .selectFrom('series')
        .select(['doc', 'version'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : parseStoredSeries(row)
    },
    async requests(id) {
      const row = await read.selectFrom('series').select('requests').where('id', '=', id).executeTakeFirst()
      return row === undefined ? [] : parseRequests(requestsRow.parse(row).requests)
    },
    async list({ tenant, status, before, limit }) {
      const rows = await read
        .selectFrom('series')
        .select('doc')
        .where('tenant', '=', tenant)
        .$if(status !== null, (query) => query.where('status', '=', status ?? ''))
        .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(parseSeries)
    },
    events: (id, afterSeq, limit) => readSeriesLog(read, id, afterSeq, limit),
  }
}

function writesOf({ read, write }: Database): Pick<SeriesStore, 'insert' | 'save' | 'putBack' | 'remove'> {
  const appendAudit = prepareAppendAudit(read)
  return {
    insert: (series, requests, { entries, audit }) =>
      write(
        async (transaction) => {
          const row = { ...columnsOf(series), requests: JSON.stringify(requests) }
          await transaction
            .insertInto('series')
            .values({ ...row, version: 1, in_hand: 0, crash_points: 0 })
            .execute()
          await appendSeriesLog(transaction, series.id, entries)
          if (audit !== undefined) await appendAudit(transaction, audit)
        },
        { locks: [] },
      ),
    save: (next, version, { entries = [], audit, requests } = { entries: [] }) =>
      write(async (transaction) => {
        const { id, ...columns } = columnsOf(next)
        const row = await transaction
          .updateTable('series')
          .set({ ...columns, version: sql`version + 1`, in_hand: 0, crash_points: 0 })
          .$if(requests !== undefined, (query) => query.set({ requests: JSON.stringify(requests) }))
          .where('id', '=', id)
          .where('version', '=', version)
          .returning('id')
          .executeTakeFirst()
        if (!idRow.safeParse(row).success) return 'conflict'
        const lastSeq = await appendSeriesLog(transaction, next.id, entries)
        await fillSeriesOutbox(transaction, next, lastSeq, entries)
        if (audit !== undefined) await appendAudit(transaction, audit)
        return 'saved'
      }, byVersion),
    async putBack(id, version, dueAt) {
      await write(
        (transaction) =>
          transaction
            .updateTable('series')
            .set({ due_at: dueAt, in_hand: 0, crash_points: 0 })
            .where('id', '=', id)
            .where('version', '=', version)
            .execute(),
        byVersion,
      )
    },
    remove: (id, version, audit) =>
      write(
        async (transaction) => {
          const row = await transaction
            .deleteFrom('series')
            .where('id', '=', id)
            .where('version', '=', version)
            .returning('id')
            .executeTakeFirst()
          if (!idRow.safeParse(row).success) return 'conflict'
          if (audit !== undefined) await appendAudit(transaction, audit)
          return 'removed'
        },
        { locks: [] },
      ),
  }
}

type Columns = Omit<SeriesTable, 'version' | 'in_hand' | 'crash_points' | 'requests'>

function columnsOf(series: Series): Columns {
  const { id, tenant, dueAt } = series
  return { id, tenant, status: statusOf(series), due_at: dueAt, doc: JSON.stringify(series) }
}
