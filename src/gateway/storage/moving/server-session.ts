import { Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { nodeTimes } from '../../domain/fleet/node.ts'
import type { Schema } from '../schema.ts'
import { createPool } from '../postgres/connection-pool.ts'
import { migratePostgres } from '../postgres/migrate-postgres.ts'
import { postgresDialect } from '../postgres/postgres-dialect.ts'
import { postgresMigrations } from '../postgres/postgres-migrations.ts'
import { completeSettings, type PostgresSettings } from '../postgres/postgres-settings.ts'
import { secretNames, valuesThatStay, type MovedTable } from './moved-tables.ts'
import { asCell, createTally, type Row, type TableFacts } from './rows.ts'

/** Sums over the whole history take minutes. */
const STATEMENT_MS = 3600_000
/** Of the widest tables, about 2 MB. */
const ROWS_AT_ONCE = 200

const columnRow = z.object({ name: z.string(), column: z.string() })
const nodeRow = z.object({ id: z.string() })
const secretRow = z.object({ name: z.string(), value: z.string() })

export type Queries = Kysely<Schema>

/** One connection to a database at the schema of this release, which it creates in an empty one. */
export async function openSession(
  settings: PostgresSettings,
): Promise<{ queries: Queries } & AsyncDisposable> {
  const complete = completeSettings(settings)
  const pool = createPool(complete, { connections: 1, statementTimeoutMs: STATEMENT_MS, readOnly: false })
  const queries = new Kysely<Schema>({ dialect: postgresDialect(pool, null) })
  try {
    await migratePostgres(queries, postgresMigrations, new URL(settings.url).host)
  } catch (error) {
    await queries.destroy()
    throw error
  }
  return { queries, [Symbol.asyncDispose]: () => queries.destroy() }
}

/** Runs `read` on one snapshot of the database, as of one instant. */
export function onSnapshot<T>(
  queries: Queries,
  read: (snapshot: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return queries
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      await allowTime(snapshot)
      return read(snapshot)
    })
}

/** A transaction of ours may take longer than one of a node, also behind a pooler. */
export async function allowTime(transaction: Queries): Promise<void> {
  await sql
    .raw(
      `set local statement_timeout = ${STATEMENT_MS}; set local idle_in_transaction_session_timeout = ${STATEMENT_MS}`,
    )
    .execute(transaction)
}

/** The columns of every table of the server. */
export async function columnsOnServer(queries: Queries): Promise<Map<string, string[]>> {
  const { rows } =
    await sql`select table_name as name, column_name as "column" from information_schema.columns
    where table_schema = current_schema() order by table_name, column_name`.execute(queries)
  const found = Map.groupBy(z.array(columnRow).parse(rows), ({ name }) => name)
  return new Map([...found].map(([name, of]) => [name, of.map(({ column }) => column)]))
}

/** Whoever was at work on the database a few seconds ago. */
export async function nodesAtWork(queries: Queries): Promise<string[]> {
  const { rows } = await sql`select id from nodes
    where seen_at > database_ms()::bigint - ${nodeTimes.silent} order by id limit 100`.execute(queries)
  return z
    .array(nodeRow)
    .parse(rows)
    .map(({ id }) => id)
}

/** The rows of a table in batches, of a snapshot. Totals are summed up, as readers do. */
export async function* rowsOnServer(snapshot: Transaction<Schema>, table: MovedTable): AsyncGenerator<Row[]> {
  const columns = sql.join(table.columns.map((name) => sql.ref(name)))
  await sql`declare moved no scroll cursor for ${selection(table)}`.execute(snapshot)
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      fetch forward ${sql.lit(ROWS_AT_ONCE)} from moved`.execute(snapshot)
    if (rows.length === 0) break
    yield rows.map((row) => table.columns.map((name) => asCell(row[name])))
  }
  await sql`close moved`.execute(snapshot)

  function selection({ name, sums }: MovedTable) {
    if (name === 'installation')
      return sql`select ${columns} from installation where name not in (${sql.join(valuesThatStay.map((each) => sql.lit(each)))})`
    if (sums === null) return sql`select ${columns} from ${sql.table(name)}`
    const groups = sql.join(
      table.columns.filter((column) => !sums.includes(column)).map((column) => sql.ref(column)),
    )
    const summed = sums.map((column) => sql`sum(${sql.ref(column)})::bigint as ${sql.ref(column)}`)
    return sql`select ${sql.join([groups, ...summed])} from ${sql.table(name)} group by ${groups}`
  }
}

/** What each table of a snapshot comes to. */
export async function factsOnServer(
  snapshot: Transaction<Schema>,
  tables: readonly MovedTable[],
): Promise<TableFacts[]> {
  const facts: TableFacts[] = []
  for (const table of tables) {
    const tally = createTally(table.name, table.columns)
    for await (const rows of rowsOnServer(snapshot, table)) for (const row of rows) tally.add(row)
    facts.push(tally.facts())
  }
  return facts
}

/** What an embedded installation keeps in `secrets.json`. */
export async function secretsOnServer(queries: Queries): Promise<Record<string, string>> {
  const rows = await queries
    .selectFrom('installation')
    .select(['name', 'value'])
    .where('name', 'in', secretNames)
    .orderBy('name')
    .execute()
  return Object.fromEntries(
    z
      .array(secretRow)
      .parse(rows)
      .map(({ name, value }) => [name, value]),
  )
}
