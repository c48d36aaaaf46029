import { type Kysely, type RawBuilder } from 'kysely'
import type { GenerationId } from '../../domain/ids.ts'
import type { Schema } from '../schema.ts'

/** Removes a generation, where a condition on it holds, and the record of its idempotency key; undefined when nothing went. */
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
    .deleteFrom('idempotency')
    .where('tenant', '=', removed.tenant)
    .where('key', '=', removed.idempotency_key)
    .where('generation_id', '=', id)
    .execute()
  return removed
}
