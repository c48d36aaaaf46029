import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../engine/database.ts'

const numberRow = z.object({ number: z.number() })

/** Counts the starts of nodes. Only for PostgreSQL. */
export function nextNodeNumber({ write }: Pick<Database, 'write'>): Promise<number> {
  return write(
    async (transaction) => {
      const { rows } = await sql`select nextval('node_numbers') as number`.execute(transaction)
      return numberRow.parse(rows[0]).number
    },
    { locks: [] },
  )
}
