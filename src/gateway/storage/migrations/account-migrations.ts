import { sql, SqliteAdapter, type Kysely } from 'kysely'

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

export async function createKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('keys')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('revoked_at', number)
    .addColumn('doc', text, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('keys_by_name')
    .unique()
    .on('keys')
    .column('name')
    .where(sql.ref('revoked_at'), 'is', null)
    .execute()
}

export async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('tenant', text)
    .addColumn('key', text)
    .addColumn('key_id', text)
    .addColumn('address', text)
    .addColumn('request_id', text)
    .addColumn('subject', text)
    .addColumn('data', text, (column) => column.notNull())
    .addColumn('once', text)
    .execute()
  await db.schema
    .createIndex('audit_once')
    .unique()
    .on('audit')
    .column('once')
    .where(sql.ref('once'), 'is not', null)
    .execute()
  await db.schema.createIndex('audit_by_subject').on('audit').columns(['subject', 'id']).execute()
  if (db.getExecutor().adapter instanceof SqliteAdapter) await forbidChanges(db)
}

/** The words of SQLite; a PostgreSQL role is denied the rights instead. */
async function forbidChanges(db: Kysely<unknown>): Promise<void> {
  for (const change of ['update', 'delete']) {
    await sql`create trigger ${sql.ref(`audit_no_${change}`)} before ${sql.raw(change)} on audit
      begin select raise(abort, 'the audit log is only added to'); end`.execute(db)
  }
}

/** Budgets of tenants, and what their sum over all keys in one month is read by. */
export async function addTenantBudgets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenant_budgets')
    .addColumn('tenant', text, (column) => column.primaryKey())
    .addColumn('monthly_budget_micros', number, (column) => column.notNull())
    .execute()
  await db.schema.createIndex('key_months_by_tenant').on('key_months').columns(['tenant', 'month']).execute()
}

/** Apart from the keys: keys of the configuration have no row there, and a use changes nothing of a key. */
export async function addKeyUses(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('key_uses')
    .addColumn('key_id', text, (column) => column.primaryKey())
    .addColumn('used_at', number, (column) => column.notNull())
    .execute()
}
