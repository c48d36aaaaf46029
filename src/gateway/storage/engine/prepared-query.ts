import { sql, type Compilable, type Kysely, type RawBuilder } from 'kysely'
import { connectionOf } from './at-once.ts'

type Values<Names extends PropertyKey> = { [name in Names]: string | number | null }

/** A placeholder for a value that is given on each execution. */
export type Parameter<V> = <Name extends keyof V>(name: Name) => RawBuilder<V[Name]>

/**
 * A limit that is given on each execution. SQLite prepares a statement anew whenever a bare parameter of it is given that the
 * choice of a plan may depend on: a limit, or what a column is compared with that a partial index has in its condition. That
 * takes several times as long as to run a small one. Such words are written into the text of a query; a limit is cast.
 */
export function steady(limit: RawBuilder<number>): RawBuilder<number> {
  return sql`cast(${limit} as integer)`
}

/** A compiled query. */
export type PreparedQuery<V> = <Tables>(executor: Kysely<Tables>, values: V) => Promise<unknown[]>

/**
 * Builds and compiles a query once, because that takes as long as SQLite takes to run it (about 10 µs for an insert of
 * a dozen columns). The text of the query must be the same for all values.
 */
export function prepareQuery<V extends Values<keyof V>>(
  build: (parameter: Parameter<V>) => Compilable,
): PreparedQuery<V> {
  const names = new Map<unknown, keyof V>()
  const compiled = build((name) => {
    const marker = Symbol(String(name))
    names.set(marker, name)
    return sql`${marker}`
  }).compile()
  const positions = compiled.parameters.map((constant) => ({ constant, name: names.get(constant) }))

  return async (executor, values) => {
    const parameters = positions.map(({ constant, name }) => (name === undefined ? constant : values[name]))
    const atOnce = connectionOf(executor)
    if (atOnce !== undefined) return atOnce.query(compiled.sql, parameters)
    const { rows } = await executor
      .getExecutor()
      .provideConnection((connection) => connection.executeQuery({ ...compiled, parameters }))
    return rows
  }
}
