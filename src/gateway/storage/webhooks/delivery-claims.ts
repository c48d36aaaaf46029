import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { ClaimedDelivery, DeliveryClaim } from '../../ports/webhooks/delivery-store.ts'
import { z } from 'zod'
import { isPostgres } from '../engine/dialect.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { parseDelivery } from './delivery-rows.ts'
import type { Schema } from '../schema.ts'

/** Rows read per claim. Tenants and destinations at their limit are excluded from the next claim. */
const lookedAt = 500

/**
 * Claims the oldest due deliveries within the limits per tenant and per destination, and only the first pending one of
 * each generation.
 */
export type ClaimDeliveries = (
  transaction: Kysely<Schema>,
  claim: DeliveryClaim,
) => Promise<ClaimedDelivery[]>

export function prepareClaimDeliveries(queries: Kysely<Schema>): ClaimDeliveries {
  const claimOne = isPostgres(queries) ? null : prepareClaimEach(queries)
  return async (transaction, claim) => {
    const rows =
      claimOne === null || isAnyFull(claim)
        ? await claimInOneStatement(transaction, claim)
        : await claimOne(transaction, claim)
    return rows.flatMap(readable)
  }
}

const candidateRows = z.array(z.object({ id: z.string(), tenant: z.string(), destination: z.string() }))

/**
 * The same for one process while nobody's share is used up, which is nearly always: then nobody has to be passed over, and the
 * text of the statements is always the same. To write the other one anew takes as long as to run it.
 */
function prepareClaimEach(queries: Kysely<Schema>) {
  const due = prepareQuery<{ now: number }>((parameter) =>
    queries
      .selectFrom('deliveries')
      .select(['id', 'tenant', 'destination'])
      .where('due_at', '<=', parameter('now'))
      .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', parameter('now')))
      .where(isFirst)
      .orderBy('due_at')
      .orderBy('id')
      .limit(sql.lit(lookedAt)),
  )
  const lease = prepareQuery<{ id: string; owner: string; leaseUntil: number }>((parameter) =>
    queries
      .updateTable('deliveries')
      .set({ lease_owner: parameter('owner'), lease_until: parameter('leaseUntil') })
      .where('id', '=', parameter('id'))
      .returningAll(),
  )
  return async (transaction: Kysely<Schema>, claim: DeliveryClaim): Promise<unknown[]> => {
    const { now, owner, leaseUntil } = claim
    const rows: unknown[] = []
    for (const { id } of withinShares(candidateRows.parse(await due(transaction, { now })), claim))
      rows.push(...(await lease(transaction, { id, owner, leaseUntil })))
    return rows
  }
}

interface Shared {
  tenant: string
  destination: string
}

function keysOf({ tenant, destination }: Shared): { ofTenant: string; atDestination: string } {
  return { ofTenant: JSON.stringify([tenant]), atDestination: JSON.stringify([tenant, destination]) }
}

function withinShares<Candidate extends Shared>(
  candidates: readonly Candidate[],
  { limit, perTenant, perDestination, underWay }: DeliveryClaim,
): Candidate[] {
  const taken = new Map<string, number>()
  const take = (key: string): void => void taken.set(key, (taken.get(key) ?? 0) + 1)
  const chosen: Candidate[] = []
  for (const each of underWay) Object.values(keysOf(each)).forEach(take)
  for (const candidate of candidates) {
    if (chosen.length >= limit) break
    const { ofTenant, atDestination } = keysOf(candidate)
    if ((taken.get(ofTenant) ?? 0) >= perTenant || (taken.get(atDestination) ?? 0) >= perDestination) continue
    take(ofTenant)
    take(atDestination)
    chosen.push(candidate)
  }
  return chosen
}

function isAnyFull({ perTenant, perDestination, underWay }: DeliveryClaim): boolean {
  const tenants = underWay.map(({ tenant }) => [tenant])
  const destinations = underWay.map(({ tenant, destination }) => [tenant, destination])
  return isReached(perTenant, tenants) || isReached(perDestination, destinations)
}

function isReached(most: number, keys: string[][]): boolean {
  return counted(keys).some(({ count }) => count >= most)
}

async function claimInOneStatement(transaction: Kysely<Schema>, claim: DeliveryClaim): Promise<unknown[]> {
  const { now, owner, leaseUntil, limit } = claim
  const room = roomOf(claim)
  return transaction
    .with('due', (db) =>
      db
        .selectFrom('deliveries')
        .select(['id', 'tenant', 'destination', 'due_at'])
        .where('due_at', '<=', now)
        .where(room.notFull)
        .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', now))
        .where(isFirst)
        .orderBy('due_at')
        .limit(sql.lit(lookedAt)),
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
}

/** Nothing that came before it to the same generation waits. */
const isFirst = sql<boolean>`not exists (
  select 1 from deliveries as earlier
  where earlier.generation_id = deliveries.generation_id and earlier.seq < deliveries.seq and earlier.state = 'pending')`

function placeIn(columns: string[]) {
  const partition = sql.join(columns.map((column) => sql.ref(column)))
  return sql<number>`row_number() over (partition by ${partition} order by due_at, id)`
}

const placed = z.looseObject({ destination: z.string() })

/** A row that cannot be parsed must not block the others. It stays unchanged, under its lease. */
export function readable(row: unknown): ClaimedDelivery[] {
  try {
    return [{ delivery: parseDelivery(row), destination: placed.parse(row).destination }]
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
