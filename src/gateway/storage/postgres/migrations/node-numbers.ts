import { sql, type Kysely } from 'kysely'

export async function countNodes(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence node_numbers`.execute(db)
}
