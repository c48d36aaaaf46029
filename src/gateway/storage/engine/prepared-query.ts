import { sql, type Compilable, type Kysely, type RawBuilder } from 'kysely'
import { connectionOf } from './at-once.ts'

type Values<Names extends PropertyKey> = { [name in Names]: string | number | null }

/** A placeholder for a value that is given on each execution. */
export type Parameter<V> = <Name extends keyof V>(name: Name) => RawBuilder<V[Name]>

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
