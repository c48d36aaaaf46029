import type { Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

/** What calls with an idempotency key make, other than generations, which remember their whole answer. */
export async function createCalls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('calls')
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key_hash', text, (column) => column.notNull())
    .addColumn('request_hash', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('calls_by_key', ['tenant', 'key_hash'])
    .execute()
  await db.schema.createIndex('calls_by_time').on('calls').column('at').execute()
}

/** Whether the work of a call is stored. It is unknown for earlier calls: those whose work is not found are not repeated. */
export async function addMadeCalls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('calls')
    .addColumn('made', number, (column) => column.notNull().defaultTo(1))
    .execute()
}

/** The creates of clients that repeat one by themselves when its answer is lost. */
export async function createRecentCreates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recent_creates')
    .addColumn('generation_id', text, (column) => column.primaryKey())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('path', text, (column) => column.notNull())
    .addColumn('request_hash', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('answered_retry', number, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('recent_creates_by_request')
    .on('recent_creates')
    .columns(['tenant', 'key', 'request_hash', 'created_at'])
    .execute()
  await db.schema.createIndex('recent_creates_by_time').on('recent_creates').column('created_at').execute()
}
