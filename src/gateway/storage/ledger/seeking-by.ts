import { sql, type Kysely, type RawBuilder } from 'kysely'
import { isPostgres } from '../engine/dialect.ts'
import type { Schema } from '../schema.ts'

/**
 * The table `attempts`, sought by one of its partial indexes. PostgreSQL chooses it by its statistics. SQLite has none, takes an index of
 * everything of an upstream for as short, and would read its whole history. The statement must have the condition of the index.
 */
export function seekingBy(queries: Kysely<Schema>, index: string): RawBuilder<unknown> {
  return isPostgres(queries) ? sql`attempts` : sql`attempts indexed by ${sql.id(index)}`
}
