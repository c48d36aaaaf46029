import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtinConfig } from '../gateway/builtin-config.ts'
import { loadConfig } from '../gateway/config/load-config.ts'
import { createContainer } from '../gateway/wiring/container.ts'
import { createLogger } from '../gateway/process/logger.ts'
import { demoUpstreams } from '../simulator/demo-upstreams.ts'
import { startSimulator } from '../simulator/simulator.ts'
import type { Simulator } from '../simulator/simulator.ts'
import { knownDialects } from '../gateway/upstreams/dialects.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'

export interface Stage extends AsyncDisposable {
  client: Client
  simulator: Simulator
}

/** A gateway with the simulator, on free ports and an empty folder that is removed at the end. */
export async function setStage(): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-demo-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const upstreams = demoUpstreams.map((upstream) => ({ ...upstream, render: { milliseconds: 1800 } }))
  const simulator = opened.adopt(await startSimulator({ upstreams }), (each) => each.close())
  const env = { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: `sqlite:${directory}/understudy.db` }
  const loaded = loadConfig({ text: builtinConfig(simulator, upstreams), fileName: null, env, knownDialects })
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '))
  const config = { ...loaded.config, media: { ...loaded.config.media, directory: join(directory, 'media') } }
  const container = opened.use(
    await createContainer(config, loaded.secrets, {
      logger: createLogger('silent', { write: () => undefined }),
    }),
  )
  const address = await container.listen()
  const client = createClient(address, container.generatedKey ?? '')
  const all = opened.move()
  return { client, simulator, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
