import { sql, type Kysely } from 'kysely'
import type { ClaimedDelivery, DeliveryClaim } from '../ports/delivery-store.ts'
import { parseDelivery } from './delivery-rows.ts'
import type { DeliveriesTable, Schema } from './schema.ts'

/** Rows looked at for one claim. A destination that has more due than may be under way to it is left out of the next. */
const lookedAt = 500

/**
 * Takes the oldest of what is due, no more per destination than there is room, and of each generation only the first that
 * is still pending.
 */
export async function claimDeliveries(
  transaction: Kysely<Schema>,
  skipLocked: boolean,
  claim: DeliveryClaim,
): Promise<ClaimedDelivery[]> {
  const { now, owner, leaseUntil, limit, perDestination, underWay } = claim
  const full = [...underWay].flatMap(([destination, count]) => (count >= perDestination ? [destination] : []))
  const rows = await transaction
    .with('due', (db) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'destination', 'due_at'])
        .where('due_at', '<=', now)
        .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', now))
        .$if(full.length > 0, (query) => query.where('destination', 'not in', full))
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
        .limit(lookedAt)
        .$if(skipLocked, (query) => query.forUpdate().skipLocked()),
    )
    .with('ranked', (db) =>
      db
        .selectFrom('due')
        .select([
          'id',
          'destination',
          'due_at',
          sql<number>`row_number() over (partition by destination order by due_at, id)`.as('place'),
        ]),
    )
    .with('chosen', (db) =>
      db
        .selectFrom('ranked')
        .select('id')
        .where('place', '<=', roomAt(perDestination, underWay))
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

/** One row that cannot be read must not keep the others from being sent. It stays as it is, under its lease. */
function readable(row: DeliveriesTable): ClaimedDelivery[] {
  try {
    return [{ delivery: parseDelivery(row), destination: row.destination }]
  } catch (error) {
    process.emitWarning(new Error('a stored delivery cannot be read; it is passed over', { cause: error }))
    return []
  }
}

function roomAt(perDestination: number, underWay: ReadonlyMap<string, number>) {
  if (underWay.size === 0) return sql<number>`cast(${perDestination} as integer)`
  const cases = [...underWay].map(
    ([destination, count]) => sql`when ${destination} then cast(${perDestination - count} as integer)`,
  )
  return sql<number>`case destination ${sql.join(cases, sql` `)} else cast(${perDestination} as integer) end`
}
