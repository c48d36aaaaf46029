import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface PostgresMigration extends Migration {
  /**
   * The last migration that a build must know to run beside this one: for an expansion an earlier release's, for a
   * contraction the expansion that it completes. Without it, a build must know this migration itself.
   */
  oldest?: string
}

export type Migrations = Record<string, PostgresMigration>

const table = 'schema_compatibility'

/** Stores for earlier builds, which do not have these migrations, whether they can run beside them. */
export async function storeCompatibility<Tables>(
  transaction: Kysely<Tables>,
  migrations: Migrations,
): Promise<void> {
  const marked = Object.entries(migrations).filter(([, { oldest }]) => oldest !== undefined)
  if (marked.length === 0) return
  await sql`create table if not exists ${sql.table(table)} (migration text primary key, oldest text not null)`.execute(
    transaction,
  )
  for (const [name, { oldest }] of marked)
    await sql`insert into ${sql.table(table)} (migration, oldest) values (${name}, ${oldest})
      on conflict (migration) do nothing`.execute(transaction)
}

/** Those of the migrations unknown to this build, beside which it cannot run. */
export async function incompatible<Tables>(
  transaction: Kysely<Tables>,
  unknown: readonly string[],
  migrations: Migrations,
): Promise<string[]> {
  const { rows: found } = await sql<{ found: boolean }>`
    select to_regclass(${table}) is not null as found`.execute(transaction)
  if (found[0]?.found !== true) return [...unknown]
  const { rows } = await sql<{ migration: string; oldest: string }>`
    select migration, oldest from ${sql.table(table)}`.execute(transaction)
  const known = new Set(
    rows.filter(({ oldest }) => Object.hasOwn(migrations, oldest)).map(({ migration }) => migration),
  )
  return unknown.filter((name) => !known.has(name))
}
