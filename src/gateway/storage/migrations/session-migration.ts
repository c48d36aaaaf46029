import type { Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

/** Sessions of browsers. Of what a browser shows, only a hash is stored. */
export async function createSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('token_hash', text, (column) => column.notNull().unique())
    .addColumn('lock', text, (column) => column.notNull())
    .addColumn('key_id', text, (column) => column.notNull())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('address', text, (column) => column.notNull())
    .addColumn('user_agent', text)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('used_at', number, (column) => column.notNull())
    .addColumn('ended_at', number)
    .execute()
  await db.schema.createIndex('sessions_by_key').on('sessions').columns(['key_id', 'used_at']).execute()
  await db.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute()
}
