import { type Kysely, type RawBuilder } from 'kysely'
import type { GenerationId } from '../../domain/ids.ts'
import { answerRemoved } from '../accounts/idempotency-records.ts'
import type { Schema } from '../schema.ts'

/**
 * Removes a generation if a condition on it holds; returns undefined otherwise. The record of its idempotency key stays
 * until it expires, so that a late retry buys nothing. The stored response is emptied, because it contains the prompt.
 */
export async function removeGeneration(
  transaction: Kysely<Schema>,
  id: GenerationId,
  condition: RawBuilder<boolean> | null,
): Promise<{ tenant: string } | undefined> {
  const removed = await transaction
    .deleteFrom('generations')
    .where('id', '=', id)
    .$if(condition !== null, (query) => (condition === null ? query : query.where(condition)))
    .returning(['tenant', 'idempotency_key'])
    .executeTakeFirst()
  if (removed?.idempotency_key == null) return removed
  await transaction
    .updateTable('idempotency')
    .set({ response: answerRemoved })
    .where('tenant', '=', removed.tenant)
    .where('key', '=', removed.idempotency_key)
    .where('generation_id', '=', id)
    .execute()
  return removed
}
