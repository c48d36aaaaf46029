import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { differencesFromLedger } from './compare-totals.ts'
import type { Schema } from './schema.ts'

/** Whether reports, budgets and limits are answered from the running totals. */
export interface Totals {
  readonly usable: boolean
  /**
   * Counts a batch of the rows that are not in the totals yet, and in the end compares the totals with the attempts, in a
   * thread of its own; how many rows were counted. What was counted stays so, whenever the process ends.
   */
  catchUp: () => Promise<number>
}

/** About 5 ms of work. */
const ROWS_PER_BATCH = 100

type Write = <T>(operation: (transaction: Kysely<Schema>) => Promise<T>, lane: 'workers') => Promise<T>

const countRow = z.object({ n: z.number() })

export async function openTotals(of: { file: string; read: Kysely<Schema>; write: Write }): Promise<Totals> {
  const { file, read, write } = of
  let checked = await isChecked(read)
  let usable = checked && (await uncounted(read)) === 0
  let refused = false

  async function compare(): Promise<void> {
    const differences = await differencesFromLedger(file)
    if (differences > 0) {
      refused = true
      const detail = `${differences} sums differ from the attempts; they are not used, and answers stay right but slow`
      process.emitWarning(`the running totals cannot be trusted: ${detail}`)
      return
    }
    await write(
      (transaction) =>
        transaction
          .insertInto('totals_check')
          .values({ name: 'attempts' })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      'workers',
    )
    checked = true
  }

  return {
    get usable() {
      return usable
    },
    async catchUp() {
      if (usable || refused) return 0
      const counted = await write(countBatch, 'workers')
      if (counted > 0) return counted
      if (!checked) await compare()
      usable = checked
      return 0
    },
  }
}

async function isChecked(read: Kysely<Schema>): Promise<boolean> {
  return (await read.selectFrom('totals_check').select('name').executeTakeFirst()) !== undefined
}

async function uncounted(read: Kysely<Schema>): Promise<number> {
  const { rows } = await sql`select
    exists (select 1 from attempts where counted = 0)
    + exists (select 1 from generations where counted = 0 and status in ('queued', 'in_progress')) as n`.execute(
    read,
  )
  return countRow.parse(rows[0]).n
}

/** The triggers do the sums. */
async function countBatch(transaction: Kysely<Schema>): Promise<number> {
  const attempts = await sql`update attempts set counted = 1 where id in (
    select id from attempts where counted = 0 limit ${sql.lit(ROWS_PER_BATCH)})`.execute(transaction)
  const generations = await sql`update generations set counted = 1 where id in (
    select id from generations where counted = 0 and status in ('queued', 'in_progress')
    limit ${sql.lit(ROWS_PER_BATCH)})`.execute(transaction)
  return Number(attempts.numAffectedRows ?? 0n) + Number(generations.numAffectedRows ?? 0n)
}
