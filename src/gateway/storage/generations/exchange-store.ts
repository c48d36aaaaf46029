import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { exchangeEndings, exchangeOperations } from '../../domain/attempts/exchange.ts'
import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { AttemptId } from '../../domain/ids.ts'
import type { ExchangeStore, NewExchanges, StoredExchange } from '../../ports/operations/exchange-store.ts'
import type { Database } from '../engine/database.ts'
import { attemptLock } from '../engine/lock-names.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { cleaning } from '../engine/write-options.ts'
import { attemptId } from './generation-document.ts'
import type { Schema } from '../schema.ts'
import type { ExchangesTable } from '../tables/generation-tables.ts'
import { storedWord } from '../stored-word.ts'

/** Room for the create of an attempt and the call before it, and for both again after a character was bound again. */
const keptCreates = 4
const keptCharacters = 4
const keptOthers = 20

const document: z.ZodType<Exchange> = z.object({
  operation: storedWord(exchangeOperations),
  at: z.number(),
  ms: z.number(),
  method: z.string(),
  path: z.string(),
  request: z.string().nullable(),
  ending: storedWord(exchangeEndings),
  reason: z.string().nullable(),
  status: z.number().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
  bytes: z.number().nullable().default(null),
  isCut: z.boolean(),
})

const row = z.object({ attempt_id: attemptId, step: z.number(), repeated: z.number(), doc: z.string() })
const lastRow = z.object({ seq: z.number().nullable(), step: z.number().nullable() })

export function createExchangeStore({ read, write }: Database): ExchangeStore {
  const append = prepareAppend(read)
  return {
    append: (said) =>
      write((transaction) => append(transaction, said), {
        queue: 'workers',
        locks: [attemptLock(said.attemptId)],
      }),
    async list(id) {
      const rows = await read
        .selectFrom('exchanges')
        .select(['attempt_id', 'step', 'repeated', 'doc'])
        .where('generation_id', '=', id)
        .orderBy('at')
        .orderBy('attempt_id')
        .orderBy('seq')
        .execute()
      return z.array(row).parse(rows).map(toStored)
    },
    async prune(before, limit) {
      const { numAffectedRows = 0n } = await write(
        (transaction) =>
          sql`delete from exchanges where (attempt_id, seq) in (
            select attempt_id, seq from exchanges where at < ${before} order by at limit ${limit}
          )`.execute(transaction),
        cleaning,
      )
      return Number(numAffectedRows)
    },
  }
}

function toStored({ attempt_id: id, step, repeated, doc }: z.output<typeof row>): StoredExchange {
  return { ...document.parse(JSON.parse(doc)), attemptId: id, step, repeated }
}

function prepareAppend(queries: Kysely<Schema>) {
  const isThere = prepareQuery<{ id: string }>((parameter) =>
    queries.selectFrom('generations').select('id').where('id', '=', parameter('id')),
  )
  const last = prepareQuery<{ id: string }>((parameter) =>
    queries
      .selectFrom('exchanges')
      .select((all) => [all.fn.max('seq').as('seq'), all.fn.max('step').as('step')])
      .where('attempt_id', '=', parameter('id')),
  )
  const insert = prepareQuery<ExchangesTable>((parameter) =>
    queries.insertInto('exchanges').values({
      attempt_id: parameter('attempt_id'),
      seq: parameter('seq'),
      step: parameter('step'),
      generation_id: parameter('generation_id'),
      at: parameter('at'),
      operation: parameter('operation'),
      repeated: parameter('repeated'),
      doc: parameter('doc'),
    }),
  )
  return async (
    transaction: Kysely<Schema>,
    { generationId, attemptId: id, exchanges, repeated }: NewExchanges,
  ): Promise<void> => {
    const [generation] = await isThere(transaction, { id: generationId })
    if (generation === undefined) return
    const [found] = await last(transaction, { id })
    const { seq, step } = lastRow.parse(found)
    if (repeated > 0)
      await transaction
        .updateTable('exchanges')
        .set({ repeated: sql`repeated + ${repeated}` })
        .where('attempt_id', '=', id)
        .where('step', '=', step ?? 0)
        .execute()
    for (const [index, exchange] of exchanges.entries())
      await insert(transaction, {
        attempt_id: id,
        seq: (seq ?? 0) + 1 + index,
        step: (step ?? 0) + 1,
        generation_id: generationId,
        at: exchange.at,
        operation: exchange.operation,
        repeated: 0,
        doc: JSON.stringify(exchange),
      })
    if ((seq ?? 0) + exchanges.length > keptOthers) await dropMiddle(transaction, id)
  }
}

async function dropMiddle(transaction: Kysely<Schema>, id: AttemptId): Promise<void> {
  await sql`delete from exchanges where attempt_id = ${id}
    and seq not in (
      select seq from exchanges where attempt_id = ${id} and operation = 'create' order by seq limit ${keptCreates}
    )
    and seq not in (
      select seq from exchanges where attempt_id = ${id} and operation = 'character' order by seq limit ${keptCharacters}
    )
    and seq not in (
      select seq from exchanges where attempt_id = ${id} order by seq desc limit ${keptOthers}
    )`.execute(transaction)
}
