import { sql, type Kysely } from 'kysely'

/** The outbox of webhooks and the secrets that they are signed with. */
export async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('generation_id', 'text', (column) =>
      column.notNull().references('generations.id').onDelete('cascade'),
    )
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('tries', 'text', (column) => column.notNull())
    .addColumn('failures', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addUniqueConstraint('deliveries_in_order', ['generation_id', 'seq'])
    .execute()
  await db.schema
    .createIndex('deliveries_due')
    .on('deliveries')
    .columns(['due_at', 'destination'])
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
  await db.schema
    .createTable('webhook_secrets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('webhook_secrets_by_tenant')
    .on('webhook_secrets')
    .columns(['tenant', 'id'])
    .execute()
}

async function indexDue(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('deliveries_due')
    .on('deliveries')
    .columns(['due_at', 'tenant', 'destination'])
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
}

/** Whoever's share is used up is passed over in the index alone, however much of it is due. */
export async function indexDeliveriesByTenant(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('deliveries_due').execute()
  await indexDue(db)
}

/** What was on its way before is told as it was. */
export async function addWebhookFormat(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('deliveries')
    .addColumn('format', 'text', (column) => column.notNull().defaultTo('understudy'))
    .execute()
}

/**
 * A delivery is about a generation or a series. SQLite cannot let a column be null afterwards, so the table is made anew; a release
 * before it reads and writes the new one as it did.
 */
export async function addSeriesDeliveries(db: Kysely<unknown>): Promise<void> {
  const kept = [
    'id',
    'tenant',
    'generation_id',
    'seq',
    'url',
    'destination',
    'type',
    'at',
    'status',
    'state',
    'tries',
    'failures',
    'due_at',
    'expires_at',
    'lease_owner',
    'lease_until',
    'format',
  ]
  await db.schema.dropIndex('deliveries_due').execute()
  await db.schema
    .createTable('deliveries_next')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('generation_id', 'text', (column) => column.references('generations.id').onDelete('cascade'))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('tries', 'text', (column) => column.notNull())
    .addColumn('failures', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('format', 'text', (column) => column.notNull().defaultTo('understudy'))
    .addColumn('series_id', 'text', (column) => column.references('series.id').onDelete('cascade'))
    .addUniqueConstraint('deliveries_in_order', ['generation_id', 'seq'])
    .addUniqueConstraint('deliveries_of_series', ['series_id', 'seq'])
    .execute()
  const columns = sql.join(kept.map((column) => sql.ref(column)))
  await sql`insert into deliveries_next (${columns}) select ${columns} from deliveries`.execute(db)
  await db.schema.dropTable('deliveries').execute()
  await db.schema.alterTable('deliveries_next').renameTo('deliveries').execute()
  await indexDue(db)
}

/** Only what is not accepted has entries: a delivery that is accepted at once costs nothing. */
export async function indexFailingDeliveries(db: Kysely<unknown>): Promise<void> {
  const failing = sql<boolean>`(state in ('failed', 'disabled') or (state = 'pending' and failures > 0))`
  const retrying = sql<boolean>`state = 'pending' and failures > 0`
  for (const [name, condition] of [
    ['failing', failing],
    ['retrying', retrying],
  ] as const) {
    await db.schema.createIndex(`deliveries_${name}`).on('deliveries').column('id').where(condition).execute()
    await db.schema
      .createIndex(`deliveries_${name}_of_tenant`)
      .on('deliveries')
      .columns(['tenant', 'id'])
      .where(condition)
      .execute()
  }
}
