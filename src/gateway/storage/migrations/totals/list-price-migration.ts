import { sql, SqliteAdapter, type Kysely } from 'kysely'
import { listPriceTriggers } from './list-price-triggers.ts'

/**
 * The cost by the price list of an attempt whose cost is the vendor's, so that both can be compared. Null for all others: their
 * cost is that of the price list.
 */
export async function addListPrice(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('list_micros', 'bigint').execute()
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
  for (const name of ['attempts_vendor_added', 'attempts_vendor_changed'])
    await sql.raw(`drop trigger ${name}`).execute(db)
  for (const trigger of listPriceTriggers) await sql.raw(trigger).execute(db)
}
