import { sql, SqliteAdapter, type Kysely } from 'kysely'
import { vendorTriggers } from './vendor-triggers.ts'

/** As in migrations.ts. */
const number = 'bigint'

/**
 * What vendors themselves say that an attempt cost, in the ledger and in the sums of each day. `vendor_read` is 1 once it was
 * taken from the generation; rows of before are 0 and are read in batches.
 */
export async function addVendorCost(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('vendor_micros', number).execute()
  for (const [table, column] of [
    ['attempts', 'vendor_read'],
    ['usage_days', 'vendor_attempts'],
    ['usage_days', 'vendor_micros'],
    ['usage_days', 'vendor_computed_micros'],
  ] as const) {
    await db.schema
      .alterTable(table)
      .addColumn(column, number, (definition) => definition.notNull().defaultTo(0))
      .execute()
  }
  await db.schema
    .createIndex('attempts_vendor_unread')
    .on('attempts')
    .column('id')
    .where(sql<boolean>`vendor_read = 0`)
    .execute()
  await sql`insert into totals_check (name) select 'vendor_costs' where not exists (select 1 from attempts)`.execute(
    db,
  )
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
  for (const trigger of vendorTriggers) await sql.raw(trigger).execute(db)
}
