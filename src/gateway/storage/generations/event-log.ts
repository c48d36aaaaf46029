import { type Kysely } from 'kysely'
import { z } from 'zod'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { LogRecord } from '../../ports/generations/generation-history.ts'
import type { Database } from '../engine/database.ts'
import { logColumns, logEntryType } from '../log-entry-type.ts'
import { json } from './request-document.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import type { EventsTable } from '../tables/generation-tables.ts'

const entryData = z.record(z.string(), json)

const logRecord: z.ZodType<LogRecord> = z.object({
  seq: z.number(),
  type: logEntryType,
  at: z.number(),
  data: z.string().transform((text) => entryData.parse(JSON.parse(text))),
})

export interface EventLog {
  /** Appends entries as the records up to and including `lastSeq`. */
  append: (
    transaction: Kysely<Schema>,
    id: GenerationId,
    lastSeq: number,
    entries: readonly LogEntry[],
  ) => Promise<void>
  read: (id: GenerationId, afterSeq: number, limit: number) => Promise<LogRecord[]>
}

export function createEventLog({ read }: Database): EventLog {
  const insert = prepareQuery<EventsTable>((parameter) =>
    read.insertInto('events').values({
      generation_id: parameter('generation_id'),
      seq: parameter('seq'),
      type: parameter('type'),
      at: parameter('at'),
      data: parameter('data'),
    }),
  )

  return {
    async append(transaction, id, lastSeq, entries) {
      const firstSeq = lastSeq - entries.length + 1
      for (const [index, { type, at, data }] of entries.entries()) {
        const seq = firstSeq + index
        await insert(transaction, { generation_id: id, seq, type, at, data: JSON.stringify(data) })
      }
    },
    async read(id, afterSeq, limit) {
      const rows = await read
        .selectFrom('events')
        .select(logColumns)
        .where('generation_id', '=', id)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map((row) => logRecord.parse(row))
    },
  }
}
