import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../engine/database.ts'

const sizeRow = z.object({ bytes: z.number() })

/** How much the tables and indexes of this database take on the disk of its server. */
export async function readDatabaseBytes({ read }: Pick<Database, 'read'>): Promise<number> {
  const { rows } = await sql`select pg_database_size(current_database()) as bytes`.execute(read)
  return sizeRow.parse(rows[0]).bytes
}
