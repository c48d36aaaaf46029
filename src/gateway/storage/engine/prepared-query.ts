import { sql, type Compilable, type Kysely, type RawBuilder } from 'kysely'

type Values<Names extends PropertyKey> = { [name in Names]: string | number | null }

/** A placeholder for a value that is given on each execution. */
export type Parameter<V> = <Name extends keyof V>(name: Name) => RawBuilder<V[Name]>

/** A compiled query. */
export type PreparedQuery<V, Row> = <Tables>(executor: Kysely<Tables>, values: V) => Promise<Row[]>

/**
 * Builds and compiles a query once, because that takes as long as SQLite takes to run it (about 10 µs for an insert of
 * a dozen columns). The text of the query must be the same for all values.
 */
export function prepareQuery<V extends Values<keyof V>, Row>(
  build: (parameter: Parameter<V>) => Compilable<Row>,
): PreparedQuery<V, Row> {
  const names = new Map<unknown, keyof V>()
  const compiled = build((name) => {
    const marker = Symbol(String(name))
    names.set(marker, name)
    return sql`${marker}`
  }).compile()
  const positions = compiled.parameters.map((constant) => ({ constant, name: names.get(constant) }))

  return async (executor, values) => {
    const parameters = positions.map(({ constant, name }) => (name === undefined ? constant : values[name]))
    const { rows } = await executor
      .getExecutor()
      .provideConnection((connection) => connection.executeQuery<Row>({ ...compiled, parameters }))
    return rows
  }
}
