import { sql, type Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

export async function createExchanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('exchanges')
    .addColumn('attempt_id', text, (column) => column.notNull())
    .addColumn('seq', number, (column) => column.notNull())
    .addColumn('step', number, (column) => column.notNull())
    .addColumn('generation_id', text, (column) =>
      column.notNull().references('generations.id').onDelete('cascade'),
    )
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('repeated', number, (column) => column.notNull())
    .addColumn('doc', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('exchanges_pkey', ['attempt_id', 'seq'])
    .execute()
  await db.schema
    .createIndex('exchanges_by_generation')
    .on('exchanges')
    .columns(['generation_id', 'at'])
    .execute()
  await db.schema.createIndex('exchanges_by_time').on('exchanges').column('at').execute()
}

/** Attempts of which a person said that their upstream did not take them: a webhook may tell of the job after all. */
export async function indexNotTaken(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('attempts_not_taken')
    .on('attempts')
    .columns(['upstream', 'id'])
    .where(sql<boolean>`state = 'failed' and failure_code = 'not_taken'`)
    .execute()
}
