import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { z } from 'zod'
import { comparisons } from '../ledger/compare-totals.ts'
import { migrations } from '../migrations/migrations.ts'
import { countAll } from '../migrations/totals/generation-counts-migration.ts'
import { movedTables, valuesThatStay, type MovedTable } from './moved-tables.ts'
import { asCell, createTally, type Cell, type Row, type TableFacts } from './rows.ts'

const columnRow = z.object({ name: z.string(), column: z.string() })
const referenceRow = z.object({ name: z.string(), target: z.string() })
const nameRow = z.object({ name: z.string() })
const trigger = z.object({ name: z.string(), sql: z.string() })
const countRow = z.object({ n: z.number() })

/** Opens the database of a copy for reading. The caller closes it. */
export function openCopy(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
}

/** The tables of a copy that are moved. */
export function tablesOf(copy: DatabaseSync): MovedTable[] {
  const columns = z.array(columnRow).parse(
    copy
      .prepare(
        `select m.name, c.name as "column" from sqlite_master m, pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\' order by m.name, c.cid`,
      )
      .all(),
  )
  const references = z.array(referenceRow).parse(
    copy
      .prepare(
        `select m.name, f."table" as target from sqlite_master m, pragma_foreign_key_list(m.name) f
        where m.type = 'table'`,
      )
      .all(),
  )
  return movedTables(
    [...Map.groupBy(columns, ({ name }) => name)].map(([name, of]) => ({
      name,
      columns: of.map(({ column }) => column),
      refersTo: references.flatMap((each) => (each.name === name ? [each.target] : [])),
    })),
  )
}

/** @throws Error that says what to do, for a copy of another release and for one whose totals cannot be relied on. */
export function checkCopy(copy: DatabaseSync): void {
  const applied = z.array(nameRow).parse(copy.prepare('select name from kysely_migration').all())
  const known = Object.keys(migrations)
  if (applied.length !== known.length || applied.some(({ name }) => !known.includes(name)))
    throw new Error('The copy was made by another release. Export it again with this one.')
  const checked = z.array(nameRow).parse(copy.prepare('select name from totals_check').all())
  const open = countRow.parse(
    copy
      .prepare(
        `select exists (select 1 from attempts where counted = 0 or vendor_read = 0)
        + exists (select 1 from generations where counted = 0 and status in ('queued', 'in_progress')) as n`,
      )
      .get(),
  )
  if (open.n > 0 || comparisons.some((name) => !checked.some((each) => each.name === name)))
    throw new Error(
      'The running totals of the copy were not compared with its attempts. Export it again with this release.',
    )
}

/** The rows of a table behind a row id, with their row ids, in their order. */
export function* rowsOf(
  copy: DatabaseSync,
  { name, columns }: MovedTable,
  after: number,
): Generator<{ rowId: number; row: Row }> {
  const statement = copy.prepare(
    `select rowid, ${quoted(columns)} from "${name}" where rowid > ? ${stays(name)} order by rowid`,
  )
  statement.setReturnArrays(true)
  for (const [rowId, ...row] of arraysOf(statement, after))
    if (typeof rowId === 'number') yield { rowId, row: row.map(asCell) }
}

/** What each table of a copy comes to. */
export function factsOfCopy(copy: DatabaseSync, tables: readonly MovedTable[]): TableFacts[] {
  return tables.map((table) => {
    const tally = createTally(table.name, table.columns)
    for (const { row } of rowsOf(copy, table, 0)) tally.add(row)
    return tally.facts()
  })
}

/**
 * Fills a migrated file with rows as they are: its triggers do not count them again. Returns what was written. What was in its
 * tables before is removed.
 */
export async function fillCopy(
  file: string,
  rowsOfTable: (table: MovedTable) => AsyncIterable<readonly Row[]>,
): Promise<TableFacts[]> {
  using copy = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  // It is synced as a whole once it is full; one that was interrupted is not used.
  copy.exec('pragma synchronous = off; pragma journal_mode = off')
  const triggers = z
    .array(trigger)
    .parse(copy.prepare("select name, sql from sqlite_master where type = 'trigger'").all())
  for (const { name } of triggers) copy.exec(`drop trigger "${name}"`)
  const facts: TableFacts[] = []
  const tables = tablesOf(copy)
  for (const { name } of tables) copy.exec(`delete from "${name}"`)
  for (const table of tables) facts.push(await fillTable(copy, table, rowsOfTable(table)))
  const add = copy.prepare('insert into totals_check (name) values (?) on conflict do nothing')
  for (const name of comparisons) add.run(name)
  copy.exec('delete from generation_counts')
  copy.exec(countAll)
  for (const { sql } of triggers) copy.exec(sql)
  if (copy.prepare('pragma foreign_key_check').get() !== undefined)
    throw new Error('The rows refer to others that are not there. Check the database, and export again.')
  copy.exec('pragma journal_mode = delete')
  return facts
}

async function fillTable(
  copy: DatabaseSync,
  { name, columns }: MovedTable,
  batches: AsyncIterable<readonly Row[]>,
): Promise<TableFacts> {
  const tally = createTally(name, columns)
  const marks = columns.map(() => '?').join(', ')
  const insert = copy.prepare(`insert into "${name}" (${quoted(columns)}) values (${marks})`)
  for await (const rows of batches) {
    copy.exec('begin')
    for (const row of rows) {
      insert.run(...row)
      tally.add(row)
    }
    copy.exec('commit')
  }
  return tally.facts()
}

/** A condition on rows of the table `installation`; nothing for others. */
function stays(table: string): string {
  if (table !== 'installation') return ''
  return `and name not in (${valuesThatStay.map((name) => `'${name}'`).join(', ')})`
}

function quoted(columns: readonly string[]): string {
  return columns.map((name) => `"${name}"`).join(', ')
}

function* arraysOf(statement: StatementSync, parameter: Cell): Generator<unknown[]> {
  for (const row of statement.iterate(parameter)) {
    const cells: unknown = row
    if (Array.isArray(cells)) yield cells
  }
}
