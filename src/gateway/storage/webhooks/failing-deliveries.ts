import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { FailingKind } from '../../domain/webhooks/failing-delivery.ts'
import type { FailingQuery } from '../../ports/webhooks/delivery-store.ts'
import type { Schema } from '../schema.ts'

// Literal, as the conditions of `deliveries_failing` and `deliveries_retrying` are, so that those indexes are used.
const retrying = sql<boolean>`state = 'pending' and failures > 0`
const failing = sql<boolean>`(state in ('failed', 'disabled') or (state = 'pending' and failures > 0))`

const conditions: Record<FailingKind, RawBuilder<boolean>> = {
  failing,
  retrying,
  given_up: sql<boolean>`${failing} and state in ('failed', 'disabled')`,
}

/** One page, newest first, from the indexes of what fails: what was delivered is not looked at. */
export function failingQuery(db: Kysely<Schema>, { tenant, kind, before, limit }: FailingQuery) {
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where(conditions[kind])
    .$if(tenant !== null, (query) => query.where('tenant', '=', tenant))
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
}
