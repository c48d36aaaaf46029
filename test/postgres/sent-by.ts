import type { CompiledQuery } from 'kysely'
import type { Database } from '../../src/gateway/storage/engine/database.ts'

/** The statement that a prepared query sends. */
export async function sentBy(
  database: Database,
  run: (executor: any) => Promise<unknown>,
): Promise<CompiledQuery> {
  let sent: CompiledQuery | undefined
  const executeQuery = async (query: CompiledQuery) => ((sent = query), { rows: [] })
  const catching = {
    getExecutor: () => ({
      ...database.read.getExecutor(),
      adapter: database.read.getExecutor().adapter,
      transformQuery: (node: any, id: any) => database.read.getExecutor().transformQuery(node, id),
      compileQuery: (node: any, id: any) => database.read.getExecutor().compileQuery(node, id),
      provideConnection: (consumer: any) => consumer({ executeQuery }),
      executeQuery,
    }),
    executeQuery,
  }
  await run(catching)
  if (sent === undefined) throw new Error('nothing was sent')
  return sent
}
