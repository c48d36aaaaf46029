import { totals } from '../postgres/migrations/totals-tables.ts'

/** Tables that say something of one server or of one engine. Whatever is not named here is moved. */
export const staysBehind: ReadonlySet<string> = new Set([
  // How far the schema of an engine is, by the names of its own migrations.
  'kysely_migration',
  'kysely_migration_lock',
  'schema_compatibility',
  // SQLite compares its running totals with the attempts once. PostgreSQL has counted since the first attempt.
  'totals_check',
  // What the nodes of one server know of each other, and count for seconds.
  'nodes',
  'copy_versions',
  'call_rates',
  'request_counts',
  'breaker_circuits',
  'housekeeping_turns',
  // Counted anew from the attempts.
  'slots_taken',
  'generation_counts',
  // What a server finds due work by: it follows from the generations.
  'schedule',
  // Whether a commit was made that was not answered: of use for seconds.
  'commit_marks',
])

/** Kept in a file beside an embedded database, and in the table `installation` of a server. */
export const secretNames: readonly string[] = ['gateway_key', 'link_secret']

/** Where an import is, and where an export went. */
export const importName = 'import'
export const movedName = 'moved'

/** Values of the table `installation` that are not moved with it. */
export const valuesThatStay: readonly string[] = [...secretNames, 'server_history', importName, movedName]

/** Columns that one engine needs for its way to keep totals. */
export const engineColumns: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  totals.map(({ table, except }) => [table, ['merged', ...(except === undefined ? [] : [except])]]),
)

/** A table as it is moved: the same columns on both engines. */
export interface MovedTable {
  name: string
  /** Sorted by their names. */
  columns: string[]
  /** Of those, what is summed up: PostgreSQL keeps totals in several rows that readers add. Null for rows as they are. */
  sums: readonly string[] | null
}

/** Tables that PostgreSQL may have equal rows of, which count as one. */
const sets = new Set(['usage_path_parts'])

/** The tables to move of an embedded database, in an order in which each comes after those that it refers to. */
export function movedTables(
  schema: ReadonlyArray<{ name: string; columns: readonly string[]; refersTo: readonly string[] }>,
): MovedTable[] {
  const left = new Map(schema.filter(({ name }) => !staysBehind.has(name)).map((each) => [each.name, each]))
  const ordered: MovedTable[] = []
  while (left.size > 0) {
    const next = [...left.values()].find(({ refersTo }) => refersTo.every((name) => !left.has(name)))
    if (next === undefined) throw new Error(`${[...left.keys()].join(', ')} refer to each other.`)
    left.delete(next.name)
    ordered.push({ name: next.name, columns: next.columns.toSorted(), sums: sumsOf(next.name) })
  }
  return ordered
}

function sumsOf(name: string): readonly string[] | null {
  if (sets.has(name)) return []
  return totals.find(({ table }) => table === name)?.sums ?? null
}
