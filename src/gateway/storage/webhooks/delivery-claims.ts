import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { ClaimedDelivery, DeliveryClaim } from '../../ports/webhooks/delivery-store.ts'
import { parseDelivery } from './delivery-rows.ts'
import type { Schema } from '../schema.ts'
import type { DeliveriesTable } from '../tables/webhook-tables.ts'

/** Rows read per claim. Tenants and destinations at their limit are excluded from the next claim. */
const lookedAt = 500

/**
 * Claims the oldest due deliveries within the limits per tenant and per destination, and only the first pending one of
 * each generation.
 */
export async function claimDeliveries(
  transaction: Kysely<Schema>,
  claim: DeliveryClaim,
): Promise<ClaimedDelivery[]> {
  const { now, owner, leaseUntil, limit } = claim
  const room = roomOf(claim)
  const rows = await transaction
    .with('due', (db) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'tenant', 'destination', 'due_at'])
        .where('due_at', '<=', now)
        .where(room.notFull)
        .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', now))
        .where((row) =>
          row.not(
            row.exists(
              row
                .selectFrom('deliveries as earlier')
                .select('earlier.id')
                .whereRef('earlier.generation_id', '=', 'deliveries.generation_id')
                .whereRef('earlier.seq', '<', 'deliveries.seq')
                .where('earlier.state', '=', 'pending'),
            ),
          ),
        )
        .orderBy('due_at')
        .limit(lookedAt),
    )
    .with('at_destination', (db) =>
      db
        .selectFrom('due')
        .select(['id', 'tenant', 'destination', 'due_at', placeIn(['tenant', 'destination']).as('place')]),
    )
    .with('of_tenant', (db) =>
      db
        .selectFrom('at_destination')
        .select(['id', 'tenant', 'due_at', placeIn(['tenant']).as('place')])
        .where('place', '<=', room.atDestination),
    )
    .with('chosen', (db) =>
      db
        .selectFrom('of_tenant')
        .select('id')
        .where('place', '<=', room.ofTenant)
        .orderBy('due_at')
        .limit(limit),
    )
    .updateTable('deliveries')
    .set({ lease_owner: owner, lease_until: leaseUntil })
    .where('id', 'in', (row) => row.selectFrom('chosen').select('chosen.id'))
    .returningAll()
    .execute()
  return rows.flatMap(readable)
}

function placeIn(columns: string[]) {
  const partition = sql.join(columns.map((column) => sql.ref(column)))
  return sql<number>`row_number() over (partition by ${partition} order by due_at, id)`
}

/** A row that cannot be parsed must not block the others. It stays unchanged, under its lease. */
export function readable(row: DeliveriesTable): ClaimedDelivery[] {
  try {
    return [{ delivery: parseDelivery(row), destination: row.destination }]
  } catch (error) {
    process.emitWarning(new Error('skipping a stored delivery that cannot be read', { cause: error }))
    return []
  }
}

const isTenant = ([tenant]: string[]) => sql`tenant = ${tenant}`
const isDestination = ([tenant, destination]: string[]) =>
  sql`(tenant = ${tenant} and destination = ${destination})`

/** How many more deliveries may run, as expressions over a row. */
function roomOf({ perTenant, perDestination, underWay }: DeliveryClaim) {
  const tenants = counted(underWay.map(({ tenant }) => [tenant]))
  const destinations = counted(underWay.map(({ tenant, destination }) => [tenant, destination]))
  const full = [
    ...tenants.filter(({ count }) => count >= perTenant).map(({ key }) => isTenant(key)),
    ...destinations.filter(({ count }) => count >= perDestination).map(({ key }) => isDestination(key)),
  ]
  return {
    notFull: full.length === 0 ? sql<boolean>`true` : sql<boolean>`not (${sql.join(full, sql` or `)})`,
    ofTenant: leftOf(perTenant, tenants, isTenant),
    atDestination: leftOf(perDestination, destinations, isDestination),
  }
}

interface Counted {
  key: string[]
  count: number
}

function counted(keys: string[][]): Counted[] {
  const counts = new Map<string, Counted>()
  for (const key of keys) {
    const text = JSON.stringify(key)
    counts.set(text, { key, count: (counts.get(text)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

function leftOf(most: number, taken: Counted[], matches: (key: string[]) => RawBuilder<unknown>) {
  if (taken.length === 0) return sql<number>`cast(${most} as integer)`
  const cases = taken.map(({ key, count }) => sql`when ${matches(key)} then cast(${most - count} as integer)`)
  return sql<number>`case ${sql.join(cases, sql` `)} else cast(${most} as integer) end`
}
