import { join } from 'node:path'
import { createStdoutLogger } from '../../src/gateway/process/logger.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { GenerationStore } from '../../src/gateway/ports/generations/generation-store.ts'
import { atOnce } from '../../src/gateway/storage/engine/at-once.ts'
import { openConnection } from '../../src/gateway/storage/engine/node-sqlite.ts'
import { createReportReader } from '../../src/gateway/storage/engine/report-reader.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import type { Schema } from '../../src/gateway/storage/schema.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import { configure } from '../configuration.ts'
import type { GatewaySetup } from '../served.ts'

/** What requests to accept and to show a generation read of it. */
type Reading = Pick<GenerationStorage, 'get' | 'current' | 'waiting' | 'findIdempotency'>

/** Of the generations, in the folder of the set-up. */
export const fileOf = ({ directory }: GatewaySetup): string => join(directory, 'understudy.db')

/**
 * The gateway without workers, whose generations are in a file that another thread or process writes: inserts go there, and
 * reads use a connection of its own. Everything else (keys, sessions) is in a database named `name` in the same folder. The address.
 */
export async function startDividedGateway(
  setup: GatewaySetup,
  { name, insert }: { name: string; insert: GenerationStore['insert'] },
): Promise<string> {
  const { config, secrets } = configure({ ...setup, directory: join(setup.directory, name) })
  const shared = await openReads(fileOf(setup))
  const container = await createContainer(config, secrets, {
    logger: createStdoutLogger('info'),
    stepped: true,
    wrap: { store: (own) => ({ ...own, ...reading(shared), insert }) },
  })
  return container.listen()
}

const reading = ({ get, current, waiting, findIdempotency }: Reading): Reading => ({
  get,
  current,
  waiting,
  findIdempotency,
})

const unserved = () => Promise.reject(new Error('this connection only reads'))

async function openReads(file: string): Promise<Reading> {
  const report = createReportReader(file)
  return createGenerationStore({
    read: await atOnce<Schema>(openConnection(file, { readOnly: true, busyTimeoutMs: 2000 })),
    write: unserved,
    counters: null,
    skipLocked: false,
    totals: { usable: true, reportable: true, catchUp: async () => 0 },
    // Others write, so the version is asked for at each read.
    commits: null,
    budgetless: null,
    report,
    figures: report,
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  })
}
