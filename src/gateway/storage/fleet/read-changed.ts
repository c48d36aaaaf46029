import { z } from 'zod'
import type { ReadChanged } from '../../ports/generations/changed-generations.ts'
import type { Database } from '../engine/database.ts'
import { parseGeneration } from '../generations/generation-rows.ts'

const changedRow = z.object({ doc: z.string(), at: z.number() })

export function createReadChanged({ read }: Pick<Database, 'read'>): ReadChanged {
  return async (ids) => {
    const rows = await read
      .selectFrom('generations as g')
      .innerJoin('events as e', (join) =>
        join.onRef('e.generation_id', '=', 'g.id').onRef('e.seq', '=', 'g.last_seq'),
      )
      .select(['g.doc', 'e.at'])
      .where('g.id', 'in', [...ids])
      .execute()
    return rows.map((row) => {
      const { doc, at } = changedRow.parse(row)
      return { generation: parseGeneration(doc), at }
    })
  }
}
