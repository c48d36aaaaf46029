import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { environmentFolder, pythonEnvironment } from '../../openapi/clients/environment.ts'
import { startLitellm } from '../../openapi/clients/relays/litellm-proxy.ts'
import { freePort } from '../../test/fixtures/free-port.ts'
import { onServerCore } from '../serving/cores.ts'
import type { Peer } from './relayed.ts'

/** The newest one whose proxy can be installed: later ones ask for packages that PyPI does not have. */
const version = '1.108.7'

/**
 * LiteLLM's proxy in a virtual environment, which is kept; the folder of its programs.
 * @throws MissingToolError without Python, or where PyPI cannot be reached
 */
export async function installLitellm(): Promise<string> {
  const name = `litellm-proxy-${version}`
  const programs = join(await environmentFolder(name), 'bin')
  // The package itself is installed after all that it needs.
  if (existsSync(join(programs, 'litellm'))) return programs
  return pythonEnvironment(name, `litellm[proxy]==${version}`)
}

/** LiteLLM's proxy with its default settings, one process on the core of the server. Creates go by its route of videos. */
export async function startLitellmPeer(programs: string, upstreamUrl: string): Promise<Peer> {
  const models = [{ name: 'sora-2', baseUrl: upstreamUrl, apiKey: 'any' }]
  const proxy = await startLitellm(programs, await freePort(), models, { run: onServerCore })
  return {
    pid: proxy.pid,
    url: `${proxy.address}/v1/videos`,
    headers: { authorization: `Bearer ${proxy.key}` },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}
