import { sql, type Kysely, type RawBuilder } from 'kysely'
import { isPostgres } from '../engine/dialect.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

interface Month {
  tenant: string
  key: string
  monthStart: number
}

/** Money in micro-dollars; null means no limit. */
export interface Reservation extends Month {
  /** The amount that must fit into the budget, and the part of it that no attempt has reserved yet. */
  worstMicros: number
  /** 1, or 0 for a generation that is already over. */
  open: 0 | 1
  headroomMicros: number
}

type Limited = Reservation & { monthlyBudgetMicros: number | null; maxInFlight: number | null }

interface KeyTotals {
  /**
   * Returns null if a limit does not allow it, else what was committed before, where that was looked at. Where transactions run
   * beside each other, one that has a limit holds the lock of its key.
   */
  reserve: (transaction: Kysely<Schema>, reservation: Limited) => Promise<{ committed: unknown } | null>
  /**
   * Where one process owns the database: the same for a key without limits, in one statement with the look-up of the tenant's
   * budget. False if the tenant has one, or the key is new; then nothing is changed.
   */
  reserveFree: ((transaction: Kysely<Schema>, reservation: Reservation) => Promise<boolean>) | null
  commitments: (executor: Kysely<Schema>, month: Month) => Promise<unknown>
}

/**
 * Reads the open generations and commitments of a key: one row for the key and one for each month. On PostgreSQL, changes
 * since the last merge are rows of their own.
 */
export function prepareKeyTotals(queries: Kysely<Schema>): KeyTotals {
  const reserve = isPostgres(queries) ? prepareBesideOthers(queries) : prepareAlone(queries)
  const read = prepareRead(queries)
  return {
    reserve,
    reserveFree: isPostgres(queries) ? null : prepareFree(queries),
    async commitments(executor: Kysely<Schema>, { tenant, key, monthStart }: Month): Promise<unknown> {
      const [row] = await read(executor, { tenant, key, monthStart })
      return row
    },
  }
}

function prepareBesideOthers(queries: Kysely<Schema>): KeyTotals['reserve'] {
  const append = prepareAppend(queries)
  const hold = prepareHold(queries)
  return async (transaction, reservation) => {
    const { monthlyBudgetMicros, maxInFlight } = reservation
    const isLimited = monthlyBudgetMicros !== null || maxInFlight !== null
    const [row] = await (isLimited ? hold : append)(transaction, reservation)
    return row === undefined ? null : { committed: row }
  }
}

function prepareAlone(queries: Kysely<Schema>): KeyTotals['reserve'] {
  const firstOf = prepareFirst(queries)
  const take = prepareTake(queries)
  return async (transaction, reservation) => {
    const { tenant, key } = reservation
    const first = await take(transaction, { ...reservation })
    if (first.length > 0) return { committed: null }
    await firstOf(transaction, { tenant, key })
    return (await take(transaction, { ...reservation })).length > 0 ? { committed: null } : null
  }
}

function prepareFirst(queries: Kysely<Schema>) {
  return prepareQuery<{ tenant: string; key: string }>((parameter) =>
    queries
      .insertInto('key_open')
      .values({ tenant: parameter('tenant'), key: parameter('key'), generations: 0, micros: 0 })
      .onConflict((conflict) => conflict.doNothing()),
  )
}

const spentSince = (tenant: RawBuilder<string>, key: RawBuilder<string>, month: RawBuilder<number>) =>
  sql<number>`(select cast(coalesce(sum(key_months.micros), 0) as bigint) from key_months
    where key_months.tenant = ${tenant} and key_months.key = ${key} and key_months.month >= ${month})`

/** What `key_open` counts of a key. */
type OpenColumn = 'generations' | 'micros'

const openOf = (column: OpenColumn, tenant: RawBuilder<string>, key: RawBuilder<string>) =>
  sql<number>`(select cast(coalesce(sum(${sql.ref(`key_open.${column}`)}), 0) as bigint) from key_open
    where key_open.tenant = ${tenant} and key_open.key = ${key})`

/** Adds a row, so that nobody waits for a row that others change. */
function prepareAppend(queries: Kysely<Schema>) {
  return prepareQuery<Limited>((parameter) => {
    const statement = sql`insert into key_open (tenant, key, generations, micros)
      values (${parameter('tenant')}, ${parameter('key')}, ${parameter('open')}, ${parameter('headroomMicros')})
      returning 0 as "inFlight", 0 as micros`
    return { compile: () => statement.compile(queries) }
  })
}

/** Under the lock of the key, in the row that only those who hold it change. Returns what was committed before. */
function prepareHold(queries: Kysely<Schema>) {
  return prepareQuery<Limited>((parameter) => {
    const [tenant, key] = [parameter('tenant'), parameter('key')]
    const spent = spentSince(tenant, key, parameter('monthStart'))
    const budget = sql`cast(${parameter('monthlyBudgetMicros')} as bigint)`
    const most = sql`cast(${parameter('maxInFlight')} as bigint)`
    const statement = sql`with before as materialized (
        select ${openOf('generations', tenant, key)} as generations, ${openOf('micros', tenant, key)} + ${spent} as micros)
      insert into key_open (tenant, key, generations, micros, reserved)
      select cast(${tenant} as text), cast(${key} as text), cast(${parameter('open')} as bigint),
        cast(${parameter('headroomMicros')} as bigint), true
      from before where (${most} is null or before.generations < ${most})
      and (${budget} is null or before.micros + ${parameter('worstMicros')} <= ${budget})
      on conflict (tenant, key) where reserved do update
        set generations = key_open.generations + excluded.generations, micros = key_open.micros + excluded.micros
      returning (select generations from before) as "inFlight", (select micros from before) as micros`
    return { compile: () => statement.compile(queries) }
  })
}

function prepareTake(queries: Kysely<Schema>) {
  return prepareQuery<Limited>((parameter) => {
    const spent = spentSince(parameter('tenant'), parameter('key'), parameter('monthStart'))
    const budget = parameter('monthlyBudgetMicros')
    const most = parameter('maxInFlight')
    return queries
      .updateTable('key_open')
      .set({
        generations: sql`generations + ${parameter('open')}`,
        micros: sql`micros + ${parameter('headroomMicros')}`,
      })
      .where('tenant', '=', parameter('tenant'))
      .where('key', '=', parameter('key'))
      .where(sql<boolean>`(${most} is null or generations < ${most})`)
      .where(
        sql<boolean>`(${budget} is null or micros + ${spent} + ${parameter('worstMicros')} <= ${budget})`,
      )
      .returning('generations')
  })
}

function prepareFree(queries: Kysely<Schema>) {
  const take = prepareQuery<Omit<Reservation, 'monthStart'>>((parameter) =>
    queries
      .updateTable('key_open')
      .set({
        generations: sql`generations + ${parameter('open')}`,
        micros: sql`micros + ${parameter('headroomMicros')}`,
      })
      .where('tenant', '=', parameter('tenant'))
      .where('key', '=', parameter('key'))
      .where(
        sql<boolean>`not exists (select 1 from tenant_budgets where tenant_budgets.tenant = ${parameter('tenant')})`,
      )
      .returning('generations'),
  )
  return async (transaction: Kysely<Schema>, reservation: Reservation): Promise<boolean> =>
    (await take(transaction, reservation)).length > 0
}

function prepareRead(queries: Kysely<Schema>) {
  return prepareQuery<Month>((parameter) => {
    const open = (column: OpenColumn) => openOf(column, parameter('tenant'), parameter('key'))
    const spent = spentSince(parameter('tenant'), parameter('key'), parameter('monthStart'))
    return queries.selectNoFrom([
      open('generations').as('inFlight'),
      sql`${open('micros')} + ${spent}`.as('micros'),
    ])
  })
}
