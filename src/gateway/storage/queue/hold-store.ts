import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { MovedAway } from '../../domain/restore/moved-away.ts'
import { searchStates } from '../../domain/restore/restored-job.ts'
import type { HoldStore, UpstreamSearch } from '../../ports/operations/hold-store.ts'
import { json } from '../generations/request-document.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import type { Schema } from '../schema.ts'

const heldRow = z.object({ value: z.string().transform(Number) })

/** Prefix of the upstream's id. */
const searchName = 'search:'

const search: z.ZodType<UpstreamSearch> = z.object({
  upstream: z.string(),
  state: z.enum(searchStates),
  searchedAt: z.number().nullable(),
  message: z.string().nullable(),
  jobs: z.array(
    z.object({
      upstreamId: z.string(),
      operation: json,
      model: z.string().nullable(),
      prompt: z.string().nullable(),
      seconds: z.number().exactOptional(),
      size: z.string().exactOptional(),
      createdAt: z.number().nullable(),
    }),
  ),
})

const movedValue: z.ZodType<MovedAway> = z.object({ at: z.number(), to: z.string() })

const lastRow = z.object({ at: z.number().nullable() })

export function createHoldStore({ read, write }: Database): HoldStore {
  const appendAudit = prepareAppendAudit(read)
  return {
    async heldSince() {
      const row = await read
        .selectFrom('installation')
        .select('value')
        .where('name', '=', 'held_since')
        .executeTakeFirst()
      return row === undefined ? null : heldRow.parse(row).value
    },
    lastEventAt: () => lastEventAt(read),
    movedAway: () => movedAway(read),
    async hold(at) {
      await write((transaction) => begin(transaction, at))
    },
    async searches() {
      const rows = await read
        .selectFrom('installation')
        .select('value')
        .where('name', 'like', `${searchName}%`)
        .orderBy('name')
        .execute()
      return rows.flatMap(({ value }) => search.safeParse(JSON.parse(value)).data ?? [])
    },
    async keepSearch(kept) {
      const name = `${searchName}${kept.upstream}`
      const value = JSON.stringify(kept)
      await write((transaction) =>
        transaction
          .insertInto('installation')
          .values({ name, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
          .execute(),
      )
    },
    release: (entry) =>
      write(async (transaction) => {
        if ((await movedAway(transaction)) !== null) return false
        const gone = await transaction
          .deleteFrom('installation')
          .where('name', '=', 'held_since')
          .returning('name')
          .execute()
        if (gone.length > 0) await appendAudit(transaction, entry)
        return gone.length > 0
      }),
  }
}

async function movedAway(queries: Kysely<Schema>): Promise<MovedAway | null> {
  const row = await queries
    .selectFrom('installation')
    .select('value')
    .where('name', '=', 'moved')
    .executeTakeFirst()
  return row === undefined ? null : movedValue.parse(JSON.parse(row.value))
}

/** Holds since the last event, as a copy is as old as the last thing that it knows. `now`: ms since the epoch. */
export async function holdWithin(transaction: Kysely<Schema>, now: number): Promise<void> {
  await begin(transaction, Math.min(now, (await lastEventAt(transaction)) ?? now))
}

async function lastEventAt(queries: Kysely<Schema>): Promise<number | null> {
  const row = await queries
    .selectFrom('events')
    .select(({ fn }) => fn.max('at').as('at'))
    .executeTakeFirst()
  return lastRow.parse(row).at
}

async function begin(transaction: Kysely<Schema>, at: number): Promise<void> {
  const begun = await transaction
    .insertInto('installation')
    .values({ name: 'held_since', value: String(at) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .execute()
  if (begun.length > 0)
    await transaction.deleteFrom('installation').where('name', 'like', `${searchName}%`).execute()
}
