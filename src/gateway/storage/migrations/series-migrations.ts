import { sql, type Kysely } from 'kysely'

const number = 'bigint'
const text = 'text'

/** Lists of scenes as one piece of work, and their own log. */
export async function createSeries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('series')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('due_at', number)
    .addColumn('version', number, (column) => column.notNull())
    .addColumn('in_hand', number, (column) => column.notNull())
    .addColumn('crash_points', number, (column) => column.notNull())
    .addColumn('doc', text, (column) => column.notNull())
    .addColumn('requests', text, (column) => column.notNull())
    .execute()
  await db.schema.createIndex('series_by_tenant').on('series').columns(['tenant', 'id']).execute()
  await db.schema.createIndex('series_by_status').on('series').columns(['tenant', 'status', 'id']).execute()
  await db.schema
    .createIndex('series_due')
    .on('series')
    .column('due_at')
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
  await db.schema
    .createTable('series_events')
    .addColumn('series_id', text, (column) => column.notNull().references('series.id').onDelete('cascade'))
    .addColumn('seq', number, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('data', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('series_events_pkey', ['series_id', 'seq'])
    .execute()
}
