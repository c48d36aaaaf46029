import { sql, type Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

const number = 'bigint'

/**
 * What is due is found by its lane. Rows of the release before say `local` until they are saved or taken up, and are put
 * into their own lane then.
 */
export async function addLanes(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('generations')
    .addColumn('due_lane', 'text', (column) => column.notNull().defaultTo('local'))
    .execute()
  await db.schema.alterTable('generations').addColumn('expires_at', number).execute()
  await db.schema.dropIndex('generations_due').ifExists().execute()
  await db.schema
    .createIndex('generations_due_by_lane')
    .on('generations')
    .columns(['due_lane', 'due_at'])
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
  await db.schema
    .createIndex('generations_expiring')
    .on('generations')
    .column('expires_at')
    .where(sql.ref('expires_at'), 'is not', null)
    .execute()
}

/** What was called a lane is a pool. */
export async function renameLanes(db: Kysely<Schema>): Promise<void> {
  await db.schema.dropIndex('generations_due_by_lane').execute()
  await sql`alter table generations rename column due_lane to due_pool`.execute(db)
  await db.schema
    .createIndex('generations_due_by_pool')
    .on('generations')
    .columns(['due_pool', 'due_at'])
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
}

export async function addCrashes(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('generations')
    .addColumn('crash_points', number, (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('generations').addColumn('crashed_by', 'text').execute()
  await db.schema
    .createIndex('generations_crashed')
    .on('generations')
    .column('crashed_by')
    .where(sql.ref('crashed_by'), 'is not', null)
    .execute()
}

/** What a process that ended was working on: a few hundred rows at most, where everything that is open was looked at. */
export async function findLeases(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createIndex('generations_leased')
    .on('generations')
    .column('lease_owner')
    .where(sql.ref('lease_owner'), 'is not', null)
    .execute()
}

/** A pause of submissions to an upstream, or to all of them where `target` is `*`. */
export async function addSubmissionPauses(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('submission_pauses')
    .addColumn('target', 'text', (column) => column.primaryKey())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', number, (column) => column.notNull())
    .addColumn('until', number)
    .addColumn('by', 'text', (column) => column.notNull())
    .execute()
}
