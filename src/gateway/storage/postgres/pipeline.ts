import { Kysely, type ConnectionProvider, type Dialect } from 'kysely'

/** Runs something on one connection, where a statement is sent when it is asked for, whether or not those before it are answered. */
export type Pipeline<Tables> = <T>(use: (connection: Kysely<Tables>) => Promise<T>) => Promise<T>

/**
 * Kysely's own `connection` sends a statement once the one before it is answered, which is a round trip for each, and wakes all that
 * wait for every answer. The driver keeps the order of statements, and so does the server.
 */
export function createPipeline<Tables>(kysely: Kysely<Tables>, dialect: Dialect): Pipeline<Tables> {
  const pooled = kysely.getExecutor()
  // Only for `connection` and `transaction` of Kysely, which are not used on one connection.
  const driver = dialect.createDriver()
  return (use) =>
    pooled.provideConnection((connection) => {
      const alone: ConnectionProvider = { provideConnection: (consumer) => consumer(connection) }
      const executor = pooled.withConnectionProvider(alone)
      return use(new Kysely<Tables>({ config: { dialect }, dialect, driver, executor }))
    })
}
