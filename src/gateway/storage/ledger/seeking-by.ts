import { sql, type Kysely, type RawBuilder } from 'kysely'
import { isPostgres } from '../engine/dialect.ts'
import type { Schema } from '../schema.ts'

/**
 * A table, sought by one of its partial indexes or by one that is short for what is asked. PostgreSQL chooses it by its statistics.
 * SQLite has none, takes an index of everything of an upstream or tenant for as short, and would read its whole history. The statement
 * must have the condition of the index.
 */
export function seekingBy(queries: Kysely<Schema>, table: keyof Schema, index: string): RawBuilder<unknown> {
  return isPostgres(queries) ? sql.table(table) : sql`${sql.table(table)} indexed by ${sql.id(index)}`
}
