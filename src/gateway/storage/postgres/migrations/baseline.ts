import { sql, type Kysely } from 'kysely'
import { accountTables } from './account-tables.ts'
import { attemptTables } from './attempt-tables.ts'
import { documentTables } from './document-tables.ts'
import { functions } from './functions.ts'
import { generationTables } from './generation-tables.ts'
import { totalsTables } from './totals-tables.ts'
import { totalsTriggers } from './totals-triggers.ts'

/** The tables that the migrations of an embedded database end with. A migration that was released is never edited. */
export async function createBaseline(db: Kysely<unknown>): Promise<void> {
  const statements = [
    ...functions,
    ...generationTables,
    ...attemptTables,
    ...documentTables,
    ...accountTables,
    ...totalsTables,
    ...totalsTriggers,
  ]
  for (const statement of statements) await sql.raw(statement).execute(db)
}
