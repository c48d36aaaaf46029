import { PostgresAdapter, type Kysely } from 'kysely'

/** For the few statements that the engines do not have in common. */
export function isPostgres<Tables>(queries: Kysely<Tables>): boolean {
  return queries.getExecutor().adapter instanceof PostgresAdapter
}
