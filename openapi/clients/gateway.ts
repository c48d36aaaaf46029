import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { builtinConfig } from '../../src/gateway/builtin-config.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import { createStdoutLogger } from '../../src/gateway/process/logger.ts'
import { demoUpstreams } from '../../src/simulator/demo-upstreams.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'

/** A running gateway for clients to be tried against, with simulated upstreams that render in a moment. */
export interface TrialGateway extends AsyncDisposable {
  address: string
  key: string
  /** A clip to make a character from. */
  clipUrl: string
}

export async function startTrialGateway(): Promise<TrialGateway> {
  await using opened = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-trial-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const upstreams = demoUpstreams.map((upstream) => ({
    ...upstream,
    // The last size is a small one, so that encoding does not take longer than the calls.
    sizes: [...(upstream.sizes ?? []), '320x180', '180x320'],
    render: { milliseconds: 300 },
    oneClip: true,
  }))
  const simulator = await startSimulator({ upstreams })
  opened.defer(() => simulator.close())
  const key = 'trial-Kc2UxJ9oNz5FgA8t'
  const text = stringify({
    ...parse(builtinConfig(simulator, upstreams)),
    server: { port: 0 },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media` },
    auth: { keys: [{ name: 'trial', key, scopes: ['generate', 'admin'] }] },
  })
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createStdoutLogger('error'),
  })
  opened.use(container)
  const address = await container.listen()
  const resources = opened.move()
  return {
    address,
    key,
    clipUrl: `${simulator.origin}/clips/mossy.mp4?seconds=3&size=320x180`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
