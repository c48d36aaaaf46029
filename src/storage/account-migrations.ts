import { sql, type Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

/** What a report of usage needs of an attempt, also after its generation is removed. */
export async function addUsage(db: Kysely<unknown>): Promise<void> {
  const attempts = () => db.schema.alterTable('attempts')
  // One column at a time: SQLite knows no longer form.
  await attempts()
    .addColumn('generation', text, (column) => column.notNull().defaultTo(''))
    .execute()
  await attempts()
    .addColumn('model', text, (column) => column.notNull().defaultTo(''))
    .execute()
  await attempts()
    .addColumn('characters', text, (column) => column.notNull().defaultTo('[]'))
    .execute()
  await attempts().addColumn('cheapest_micros', number).execute()
  await attempts().addColumn('official_micros', number).execute()
  await attempts()
    .addColumn('delivered', number, (column) => column.notNull().defaultTo(0))
    .execute()
  // What was removed before has no better name than its attempt's.
  await sql`update attempts set generation = coalesce(generation_id, id)`.execute(db)
  await db.schema.createIndex('attempts_by_start').on('attempts').column('started_at').execute()
}
