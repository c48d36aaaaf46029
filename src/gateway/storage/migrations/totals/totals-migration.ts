import { sql, SqliteAdapter, type CreateTableBuilder, type Kysely } from 'kysely'
import { attemptChangeTriggers, generationChangeTriggers } from './totals-triggers.ts'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

/**
 * Running totals, so that no answer reads a key's or an upstream's whole history. A row counts in them once its `counted`
 * is 1; rows of before, and those that an earlier release adds meanwhile, are 0 and are counted in batches.
 */
export async function addTotals(db: Kysely<unknown>): Promise<void> {
  for (const table of ['attempts', 'generations']) {
    await db.schema
      .alterTable(table)
      .addColumn('counted', number, (column) => column.notNull().defaultTo(0))
      .execute()
  }
  await createKeyTotals(db)
  await createUsageTotals(db)
  await createCheck(db)
  await createIndexes(db)
  if (db.getExecutor().adapter instanceof SqliteAdapter) {
    for (const trigger of [...attemptChangeTriggers, ...generationChangeTriggers]) {
      await sql.raw(trigger).execute(db)
    }
  }
}

async function createKeyTotals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('key_open')
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('generations', number, (column) => column.notNull())
    .addColumn('micros', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('key_open_pkey', ['tenant', 'key'])
    .execute()
  await db.schema
    .createTable('key_months')
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('month', number, (column) => column.notNull())
    .addColumn('micros', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('key_months_pkey', ['tenant', 'key', 'month'])
    .execute()
}

async function createUsageTotals(db: Kysely<unknown>): Promise<void> {
  const words = ['tenant', 'key', 'upstream', 'kind', 'model', 'characters']
  const figures = [
    'attempts',
    'videos',
    'cost_micros',
    'reserved_micros',
    'unknown_micros',
    'unused_micros',
    'premium_micros',
    'official_micros',
  ]
  let days: CreateTableBuilder<string, string> = db.schema
    .createTable('usage_days')
    .addColumn('day', number, (column) => column.notNull())
  for (const word of words) days = days.addColumn(word, text, (column) => column.notNull())
  for (const figure of figures) days = days.addColumn(figure, number, (column) => column.notNull())
  await days.addPrimaryKeyConstraint('usage_days_pkey', ['day', ...words]).execute()

  const group = ['tenant', 'key', 'model', 'characters']
  let paths: CreateTableBuilder<string, string> = db.schema
    .createTable('usage_paths')
    .addColumn('path', text, (column) => column.notNull())
  for (const word of group) paths = paths.addColumn(word, text, (column) => column.notNull())
  await paths
    .addColumn('generations', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_paths_pkey', ['path', ...group])
    .execute()
  await db.schema
    .createTable('usage_path_parts')
    .addColumn('day', number, (column) => column.notNull())
    .addColumn('path', text, (column) => column.notNull())
    .addColumn('upstream', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_path_parts_pkey', ['day', 'path', 'upstream', 'kind'])
    .execute()
}

/** Empty until the totals were compared with the attempts. A file without attempts needs no comparison. */
async function createCheck(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('totals_check')
    .addColumn('name', text, (column) => column.primaryKey())
    .execute()
  await sql`insert into totals_check (name) select 'attempts'
    where not exists (select 1 from attempts) and not exists (select 1 from generations)`.execute(db)
}

async function createIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('attempts_uncounted')
    .on('attempts')
    .column('id')
    .where(sql<boolean>`counted = 0`)
    .execute()
  await db.schema
    .createIndex('generations_uncounted')
    .on('generations')
    .column('id')
    .where(sql<boolean>`counted = 0 and status in ('queued', 'in_progress')`)
    .execute()
  await db.schema.createIndex('attempts_of_generation').on('attempts').column('generation').execute()
  await db.schema
    .createIndex('attempts_finished')
    .on('attempts')
    .columns(['upstream', 'ended_at'])
    .where(
      sql<boolean>`state in ('succeeded', 'failed')
        and coalesce(failure_code, '') not in ('refused', 'invalid', 'character_invalid', 'cancelled')`,
    )
    .execute()
  await db.schema.createIndex('idempotency_by_age').on('idempotency').column('created_at').execute()
  for (const column of ['tenant', 'key', 'action']) {
    await db.schema.createIndex(`audit_by_${column}`).on('audit').columns([column, 'id']).execute()
  }
  await db.schema.createIndex('audit_by_time').on('audit').column('at').execute()
}
