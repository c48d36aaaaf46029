import { sql, type Kysely } from 'kysely'
import type { Database } from '../engine/database.ts'
import { cleaning } from '../engine/write-options.ts'
import type { Schema } from '../schema.ts'
import { classTotals } from './migrations/generation-counts.ts'
import { slotTotals } from './migrations/slots-taken.ts'
import { groupKey, totals, type Totals } from './migrations/totals-tables.ts'

/** Takes about 10 ms. */
const ROWS_AT_ONCE = 2000
/** Readers sum what was added since, so this bounds what they read: a few hundred rows of one busy key. */
const MERGE_AFTER_MS = 200

const allTotals: readonly Totals[] = [...totals, slotTotals, classTotals]

/**
 * Replaces rows that were only added by one for each group. What readers sum stays the same at every instant. Does nothing
 * while another node merges: to wait would hold up what is in the same transaction, and for long if that node stands still.
 */
async function mergeOne(transaction: Kysely<Schema>, of: Totals): Promise<number> {
  const table = sql.table(of.table)
  const except = of.except === undefined ? sql`` : sql`and not ${sql.ref(of.except)}`
  const groups = sql.join(Object.keys(of.groups).map((name) => sql.ref(name)))
  const sums = sql.join(of.sums.map((name) => sql.ref(name)))
  const added = sql.join(of.sums.map((name) => sql`sum(${sql.ref(name)})::bigint`))
  const kept = sql.join(
    of.sums.map(
      (name) => sql`${sql.ref(name)} = ${sql.ref(`${of.table}.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
    ),
  )
  const { rows } = await sql<{ merged: number }>`
    with turn as materialized (select pg_try_advisory_xact_lock(hashtextextended('merge_totals', 0)) as mine),
    gone as (
      delete from ${table} where ctid = any(array(
        select ctid from ${table} where (select mine from turn) and not merged ${except}
        limit ${sql.lit(ROWS_AT_ONCE)}))
      returning ${groups}, ${sums}),
    put as (
      insert into ${table} (${groups}, ${sums}, merged)
      select ${groups}, ${added}, true from gone group by ${groups}
      on conflict (${sql.raw(groupKey(of))}) where merged do update set ${kept})
    select count(*) as merged from gone`.execute(transaction)
  return rows[0]?.merged ?? 0
}

/** Merges until little is left; resolves to the number of rows. One node at a time does it. */
export async function mergeTotals({ write }: Pick<Database, 'write'>): Promise<number> {
  let merged = 0
  for (const each of allTotals) {
    let last: number
    do {
      last = await write((transaction) => mergeOne(transaction, each), cleaning)
      merged += last
    } while (last === ROWS_AT_ONCE)
  }
  return merged
}

/** Merges soon after writes: each call of `written` is followed by a merge. */
export function createTotalsMerger(database: Pick<Database, 'write'>): {
  written: () => void
  stop: () => Promise<void>
} {
  let timer: NodeJS.Timeout | null = null
  let merging: Promise<void> = Promise.resolve()
  let stopped = false

  async function merge(): Promise<void> {
    try {
      await mergeTotals(database)
    } catch {
      // The next write tries again. Until then, readers sum more rows.
    }
    timer = null
  }

  return {
    written() {
      if (stopped) return
      timer ??= setTimeout(() => void (merging = merge()), MERGE_AFTER_MS).unref()
    },
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await merging
    },
  }
}
