import { sql, type Kysely } from 'kysely'

const number = 'bigint'
const text = 'text'

/** Comparisons of upstreams on one character, and the scores that people give. */
export async function createComparisons(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('comparisons')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('due_at', number)
    .addColumn('version', number, (column) => column.notNull())
    .addColumn('doc', text, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('comparisons_due')
    .on('comparisons')
    .column('due_at')
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
  await db.schema
    .createTable('comparison_scores')
    .addColumn('comparison_id', text, (column) =>
      column.notNull().references('comparisons.id').onDelete('cascade'),
    )
    .addColumn('generation_id', text, (column) => column.notNull())
    .addColumn('rater', text, (column) => column.notNull())
    .addColumn('face', number, (column) => column.notNull())
    .addColumn('clothing', number, (column) => column.notNull())
    .addColumn('style', number, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('comparison_scores_pkey', ['comparison_id', 'generation_id', 'rater'])
    .execute()
}

/** Lists are by tenant, newest first. */
export async function indexComparisonsByTenant(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('comparisons_by_tenant').on('comparisons').columns(['tenant', 'id']).execute()
}

/** What was in hand when a process ended, and how often. */
export async function addComparisonCrashes(db: Kysely<unknown>): Promise<void> {
  for (const column of ['in_hand', 'crash_points'])
    await db.schema
      .alterTable('comparisons')
      .addColumn(column, number, (each) => each.notNull().defaultTo(0))
      .execute()
}
