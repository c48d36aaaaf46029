import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { countableMicros } from '../../domain/attempts/vendor-cost.ts'
import type { Schema } from '../schema.ts'

const unreadRow = z.object({ id: z.string(), doc: z.string().nullable() })

const document = z.object({
  attempts: z.array(z.object({ id: z.string(), vendorCostMicros: z.number().nullable().default(null) })),
})

/**
 * Copies vendor-reported costs into the ledger, for attempts of an earlier release. Returns how many were read. The
 * costs of removed generations are not known any more.
 */
export async function readVendorCosts(transaction: Kysely<Schema>, limit: number): Promise<number> {
  // Spelled out, because it must match the condition of the index `attempts_vendor_unread`.
  const rows = await transaction
    .selectFrom('attempts')
    .leftJoin('generations', 'generations.id', 'attempts.generation_id')
    .select(['attempts.id', 'generations.doc'])
    .where(sql<boolean>`attempts.vendor_read = 0`)
    .limit(limit)
    .execute()
  const unread = rows.map((row) => unreadRow.parse(row))
  for (const { id, doc } of unread) {
    const said = doc === null ? undefined : attemptIn(doc, id)
    await transaction
      .updateTable('attempts')
      .set({
        vendor_micros: said === undefined ? null : countableMicros(said.vendorCostMicros),
        vendor_read: 1,
      })
      .where('id', '=', id)
      .execute()
  }
  return unread.length
}

function attemptIn(doc: string, id: string) {
  return document.parse(JSON.parse(doc)).attempts.find((attempt) => attempt.id === id)
}
