import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { asideMs, crashPoints } from '../../domain/scheduling/crash.ts'
import type { Database } from '../engine/database.ts'
import { claimsLock } from '../engine/lock-names.ts'
import type { Schema } from '../schema.ts'

/** Rows read per claim. Tenants at their limit are excluded from the next claim. */
const lookedAt = 200

const asideRow = z.object({ due_at: z.number().nullable(), in_hand: z.number(), crash_points: z.number() })
const dueRow = z.object({ id: z.string(), tenant: z.string() })

/** Tables of documents that workers process. */
export const documentTables = ['comparisons', 'series'] as const
type DocumentTable = (typeof documentTables)[number]

interface Claim<Id extends string> {
  now: number
  until: number
  limit: number
  perTenant: number
  underWay: ReadonlyArray<{ id: Id; tenant: string }>
}

interface DocumentClaims<Id extends string, Stored> {
  claimDue(claim: Claim<Id>): Promise<Stored[]>
  noteCrash(ids: readonly Id[]): Promise<void>
  setCrashedAside(ids: readonly Id[], now: number): Promise<Array<{ id: Id; until: number }>>
  releaseAll(now: number): Promise<Array<{ id: Id; until: number }>>
  asideUntil(id: Id): Promise<number | null>
}

/** Who is working on which document, and how often the process ended meanwhile. */
export function createDocumentClaims<Id extends string, Stored>(
  { read, write, skipLocked: isShared }: Database,
  table: DocumentTable,
  id: z.ZodType<Id>,
  parse: (row: unknown) => Stored,
): DocumentClaims<Id, Stored> {
  const countedRow = z.object({ id, crash_points: z.number() })
  return {
    async asideUntil(one) {
      const row = await read
        .selectFrom(table)
        .select(['due_at', 'in_hand', 'crash_points'])
        .where('id', '=', one)
        .executeTakeFirst()
      if (row === undefined) return null
      const { due_at: dueAt, in_hand: inHand, crash_points: points } = asideRow.parse(row)
      return inHand === 0 && asideMs(points) !== null ? dueAt : null
    },
    claimDue: (claim) =>
      write(
        async (transaction) => {
          const chosen = await choose(transaction, table, claim)
          if (chosen.length === 0) return []
          const rows = await transaction
            .updateTable(table)
            .set({ due_at: claim.until, in_hand: 1 })
            .where('id', 'in', chosen)
            .where('due_at', '<=', claim.now)
            .returning(['doc', 'version'])
            .execute()
          return rows.map(parse)
        },
        { queue: 'workers', locks: [claimsLock(table)], repeatable: true },
      ),
    async noteCrash(ids) {
      if (ids.length === 0) return
      await write((transaction) =>
        transaction
          .updateTable(table)
          .set((row) => ({ crash_points: row('crash_points', '+', crashPoints.uncaughtError) }))
          .where('id', 'in', ids)
          .where('in_hand', '=', 1)
          .execute(),
      )
    },
    async setCrashedAside(ids, now) {
      if (!isShared || ids.length === 0) return []
      return write(async (transaction) => {
        const rows = await transaction
          .selectFrom(table)
          .select(['id', 'crash_points'])
          .where('id', 'in', ids)
          .where('due_at', 'is not', null)
          .execute()
        return setAside(transaction, table, z.array(countedRow).parse(rows), now)
      })
    },
    releaseAll: (now) =>
      write(async (transaction) => {
        const rows = await transaction
          .updateTable(table)
          .set((row) => ({
            in_hand: 0,
            due_at: now,
            crash_points: row('crash_points', '+', crashPoints.killed),
          }))
          .where('due_at', 'is not', null)
          .where('in_hand', '=', 1)
          .returning(['id', 'crash_points'])
          .execute()
        return setAside(transaction, table, z.array(countedRow).parse(rows), now)
      }),
  }
}

async function choose(
  transaction: Kysely<Schema>,
  table: DocumentTable,
  claim: Claim<string>,
): Promise<string[]> {
  const { now, limit, perTenant, underWay } = claim
  const taken = new Map<string, number>()
  for (const { tenant } of underWay) taken.set(tenant, (taken.get(tenant) ?? 0) + 1)
  const full = [...taken].filter(([, count]) => count >= perTenant).map(([tenant]) => tenant)
  const inHand = underWay.map((each) => each.id)
  const rows = await transaction
    .selectFrom(table)
    .select(['id', 'tenant'])
    .where('due_at', '<=', now)
    .$if(full.length > 0, (query) => query.where('tenant', 'not in', full))
    .$if(inHand.length > 0, (query) => query.where('id', 'not in', inHand))
    .orderBy('due_at')
    .limit(sql.lit(lookedAt))
    .execute()
  const chosen: string[] = []
  for (const row of z.array(dueRow).parse(rows)) {
    const count = taken.get(row.tenant) ?? 0
    if (chosen.length >= limit) break
    if (count >= perTenant) continue
    taken.set(row.tenant, count + 1)
    chosen.push(row.id)
  }
  return chosen
}

/** `rows`: ids with their crashes. */
async function setAside<Id extends string>(
  transaction: Kysely<Schema>,
  table: DocumentTable,
  counted: ReadonlyArray<{ id: Id; crash_points: number }>,
  now: number,
): Promise<Array<{ id: Id; until: number }>> {
  const aside = counted.flatMap((row) => {
    const ms = asideMs(row.crash_points)
    return ms === null ? [] : [{ id: row.id, until: now + ms }]
  })
  for (const { id, until } of aside)
    await transaction.updateTable(table).set({ in_hand: 0, due_at: until }).where('id', '=', id).execute()
  return aside
}
