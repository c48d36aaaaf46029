import type { DatabaseSync } from 'node:sqlite'
import { sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../schema.ts'
import { StorageError } from '../engine/storage-error.ts'
import { countAll } from '../migrations/totals/generation-counts-migration.ts'
import { correctSlots } from '../postgres/check-slots.ts'
import { checkCopy, factsOfCopy, rowsOf, tablesOf } from './copy-file.ts'
import { engineColumns, importName, valuesThatStay, type MovedTable } from './moved-tables.ts'
import type { Row, TableFacts } from './rows.ts'
import {
  allowTime,
  columnsOnServer,
  factsOnServer,
  nodesAtWork,
  onSnapshot,
  type Queries,
} from './server-session.ts'

const MOST_ROWS = 500
const MOST_CHARACTERS = 2_000_000

/** `loaded`: the last row of each table that is in the server. */
const progressValue = z.object({
  id: z.string(),
  complete: z.boolean(),
  loaded: z.record(z.string(), z.number()),
})
type Progress = z.output<typeof progressValue>

const valueRow = z.object({ value: z.string() })
const foundRow = z.object({ found: z.boolean() })

/** Whether an import into this database has begun and did not end: then a gateway would work on half of the records. */
export async function isHalfImported(queries: Queries): Promise<boolean> {
  return (await storedProgress(queries))?.complete === false
}

/**
 * Copies the rows of a copy into the empty database of a server, or goes on where the same import was interrupted, and compares
 * both sides. Each batch is one transaction with the place that it came to. `id`: of the copy. `secrets`: values of the table
 * `installation` that are kept in a file beside an embedded database.
 * @throws Error that says what to do: the server has other records, a node is at work on it, or another import is.
 */
export async function importToServer(
  queries: Queries,
  copy: DatabaseSync,
  { id, secrets }: { id: string; secrets: Readonly<Record<string, string>> },
): Promise<{ tables: Array<{ copy: TableFacts; server: TableFacts }>; wasComplete: boolean }> {
  checkCopy(copy)
  const tables = tablesOf(copy)
  checkColumns(tables, await columnsOnServer(queries))
  let progress = await locked(queries, (transaction) => begin(transaction, tables, { id, secrets }))
  const wasComplete = progress.complete
  for (const table of wasComplete ? [] : tables)
    for (const { rows, last } of batches(copy, table, progress.loaded[table.name] ?? 0)) {
      const next = { ...progress, loaded: { ...progress.loaded, [table.name]: last } }
      await locked(queries, async (transaction) => {
        await expectProgress(transaction, progress)
        await insertAsTheyAre(transaction, table, rows)
        await keepProgress(transaction, next)
      })
      progress = next
    }
  const ofCopy = factsOfCopy(copy, tables)
  const onServer = await onSnapshot(queries, (snapshot) => factsOnServer(snapshot, tables))
  const both = ofCopy.flatMap((facts) => {
    const server = onServer.find(({ name }) => name === facts.name)
    return server === undefined ? [] : [{ copy: facts, server }]
  })
  return { tables: both, wasComplete }
}

/** From here on, gateways may start. */
export async function completeImport(queries: Queries, id: string): Promise<void> {
  await locked(queries, async (transaction) => {
    const progress = await storedProgress(transaction)
    if (progress?.id !== id) throw new Error('Another import is under way.')
    await correctSlots(transaction)
    await sql.raw(`delete from generation_counts; ${countAll}`).execute(transaction)
    await keepProgress(transaction, { ...progress, complete: true })
  })
}

function locked<T>(queries: Queries, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  return queries.transaction().execute(async (transaction) => {
    await allowTime(transaction)
    await sql`select pg_advisory_xact_lock(hashtextextended('import', 0))`.execute(transaction)
    return work(transaction)
  })
}

async function begin(
  transaction: Transaction<Schema>,
  tables: readonly MovedTable[],
  { id, secrets }: { id: string; secrets: Readonly<Record<string, string>> },
): Promise<Progress> {
  const found = await storedProgress(transaction)
  if (found !== null && found.id !== id)
    throw new Error(
      'Another copy was imported into this database, or is being imported. Name an empty database in storage.url.',
    )
  if (found?.complete === true) return found
  const nodes = await nodesAtWork(transaction)
  if (nodes.length > 0)
    throw new Error(
      `A gateway is at work on the database (${nodes.join(', ')}). Stop it; after a crash, wait 20 seconds.`,
    )
  if (found !== null) return found
  const full = await filledTables(transaction, tables)
  if (full.length > 0)
    throw new Error(`The database is not empty: ${full.join(', ')}. Name an empty one in storage.url.`)
  for (const [name, value] of Object.entries(secrets)) await keepValue(transaction, name, value)
  const begun = { id, complete: false, loaded: {} }
  await keepProgress(transaction, begun)
  return begun
}

/** The first start of a gateway leaves what it made for itself, which the import replaces. */
async function filledTables(
  transaction: Transaction<Schema>,
  tables: readonly MovedTable[],
): Promise<string[]> {
  const full: string[] = []
  for (const { name } of tables) {
    const where =
      name === 'installation'
        ? sql`where name not in (${sql.join(valuesThatStay.map((each) => sql.lit(each)))})`
        : sql``
    const { rows } = await sql`select exists (select 1 from ${sql.table(name)} ${where}) as found`.execute(
      transaction,
    )
    if (foundRow.parse(rows[0]).found) full.push(name)
  }
  return full
}

function checkColumns(tables: readonly MovedTable[], onServer: ReadonlyMap<string, readonly string[]>): void {
  for (const { name, columns } of tables) {
    const own = engineColumns[name] ?? []
    const there = onServer.get(name)?.filter((column) => !own.includes(column)) ?? []
    if (there.join() !== columns.join())
      throw new Error(`The table ${name} of the database does not have the columns of the copy.`)
  }
}

function* batches(
  copy: DatabaseSync,
  table: MovedTable,
  after: number,
): Generator<{ rows: Row[]; last: number }> {
  let rows: Row[] = []
  let characters = 0
  let last = after
  for (const { rowId, row } of rowsOf(copy, table, after)) {
    rows.push(row)
    last = rowId
    for (const cell of row) characters += typeof cell === 'string' ? cell.length : 8
    if (rows.length < MOST_ROWS && characters < MOST_CHARACTERS) continue
    yield { rows, last }
    rows = []
    characters = 0
  }
  if (rows.length > 0) yield { rows, last }
}

/** Without triggers: the totals are moved as they are, and know attempts that were removed since. What is due is found as ever. */
async function insertAsTheyAre(
  transaction: Transaction<Schema>,
  { name, columns, sums }: MovedTable,
  rows: readonly Row[],
): Promise<void> {
  const isTotal = sums !== null && sums.length > 0
  const names = isTotal ? [...columns, 'merged'] : columns
  const objects = rows.map((row) => ({
    ...Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    ...(isTotal && { merged: true }),
  }))
  const table = sql.table(name)
  const list = sql.join(names.map((column) => sql.ref(column)))
  const except = name === 'generations' ? sql`, enable trigger schedule_added` : sql``
  await sql`alter table ${table} disable trigger user${except}`.execute(transaction)
  try {
    await sql`insert into ${table} (${list})
      select ${list} from json_populate_recordset(null::${table}, ${JSON.stringify(objects)}::json)`.execute(
      transaction,
    )
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    throw new Error(`PostgreSQL does not take a row of ${name}: ${error.message}`, { cause: error })
  }
  await sql`alter table ${table} enable trigger user`.execute(transaction)
}

async function expectProgress(transaction: Transaction<Schema>, expected: Progress): Promise<void> {
  const found = await storedProgress(transaction)
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error('Another process imports into this database. Wait until it has ended.')
}

async function storedProgress(queries: Queries): Promise<Progress | null> {
  const row = await queries
    .selectFrom('installation')
    .select('value')
    .where('name', '=', importName)
    .executeTakeFirst()
  return row === undefined ? null : progressValue.parse(JSON.parse(valueRow.parse(row).value))
}

async function keepProgress(transaction: Transaction<Schema>, progress: Progress): Promise<void> {
  await keepValue(transaction, importName, JSON.stringify(progress))
}

async function keepValue(transaction: Transaction<Schema>, name: string, value: string): Promise<void> {
  await transaction
    .insertInto('installation')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
