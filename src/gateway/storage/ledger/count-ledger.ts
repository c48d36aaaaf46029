import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { comparisons, differencesFromLedger, type TotalsCheck } from './compare-totals.ts'
import { readVendorCosts } from './read-vendor-costs.ts'
import type { Schema } from '../schema.ts'

/** What the running totals can be used for. */
export interface Totals {
  /** True once budgets and limits can use them. */
  readonly usable: boolean
  /** True once reports can use them too. Nothing is removed from the ledger before that. */
  readonly reportable: boolean
  /**
   * Adds a batch of uncounted rows to the totals; at the end, compares the totals with the attempts in a separate
   * thread. Returns how many rows were counted. Progress survives a restart.
   */
  catchUp: () => Promise<number>
}

/** Without statistics, SQLite would look among all that is open. */
const uncountedOpen = sql`generations indexed by generations_uncounted
  where counted = 0 and status in ('queued', 'in_progress')`

/** Takes about 5 ms. */
const ROWS_PER_BATCH = 100

type Write = <T>(operation: (transaction: Kysely<Schema>) => Promise<T>, queue: 'workers') => Promise<T>

const count = z.number()
const checkRow = z.object({ name: z.string() })

export async function openTotals(of: { file: string; read: Kysely<Schema>; write: Write }): Promise<Totals> {
  const { file, read, write } = of
  const checked = await checkedBefore(read)
  const refused = new Set<TotalsCheck>()
  const left = await leftToCount(read)
  let counted = left.uncounted === 0
  let vendorsRead = left.unread === 0

  async function compare(comparison: TotalsCheck): Promise<void> {
    const differences = await differencesFromLedger(file, comparison)
    if (differences > 0) {
      refused.add(comparison)
      const detail = `${differences} totals differ from the attempts; reports and limits read the attempts instead, which is slower`
      process.emitWarning(`running totals are not used: ${detail}`)
      return
    }
    await write(
      (transaction) =>
        transaction
          .insertInto('totals_check')
          .values({ name: comparison })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      'workers',
    )
    checked.add(comparison)
  }

  const usable = () => counted && checked.has('attempts')

  return {
    get usable() {
      return usable()
    },
    get reportable() {
      return usable() && vendorsRead && checked.has('vendor_costs')
    },
    async catchUp() {
      const open = comparisons.filter((each) => !checked.has(each) && !refused.has(each))
      if (counted && vendorsRead && open.length === 0) return 0
      const batch = await write(
        async (transaction) => ({
          counted: await countBatch(transaction),
          read: await readVendorCosts(transaction, ROWS_PER_BATCH),
        }),
        'workers',
      )
      counted = batch.counted === 0
      vendorsRead = batch.read === 0
      if (!counted || !vendorsRead) return Math.max(batch.counted, batch.read)
      for (const comparison of open) await compare(comparison)
      return 0
    },
  }
}

async function checkedBefore(read: Kysely<Schema>): Promise<Set<string>> {
  const rows = await read.selectFrom('totals_check').select('name').execute()
  return new Set(rows.map((row) => checkRow.parse(row).name))
}

async function leftToCount(read: Kysely<Schema>): Promise<{ uncounted: number; unread: number }> {
  const { rows } = await sql`select
    exists (select 1 from attempts where counted = 0)
    + exists (select 1 from ${uncountedOpen}) as uncounted,
    exists (select 1 from attempts where vendor_read = 0) as unread`.execute(read)
  return z.object({ uncounted: count, unread: count }).parse(rows[0])
}

/** Only marks the rows. Triggers update the sums. */
async function countBatch(transaction: Kysely<Schema>): Promise<number> {
  const attempts = await sql`update attempts set counted = 1 where id in (
    select id from attempts where counted = 0 limit ${sql.lit(ROWS_PER_BATCH)})`.execute(transaction)
  const generations = await sql`update generations set counted = 1 where id in (
    select id from ${uncountedOpen} limit ${sql.lit(ROWS_PER_BATCH)})`.execute(transaction)
  return Number(attempts.numAffectedRows ?? 0n) + Number(generations.numAffectedRows ?? 0n)
}
