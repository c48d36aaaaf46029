import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentFolder, nodeEnvironment } from '../../openapi/clients/environment.ts'
import { freePort } from '../../test/fixtures/free-port.ts'
import { onServerCore } from '../serving/cores.ts'
import type { Peer } from './relayed.ts'

const version = '1.15.2'
const startMs = 60_000

/**
 * The gateway of `@portkey-ai/gateway` in a folder of its own, which is kept; its start script.
 * @throws MissingToolError where npm's registry cannot be reached
 */
export async function installPortkey(): Promise<string> {
  const name = `portkey-${version}`
  const packageFolder = 'node_modules/@portkey-ai/gateway'
  const script = join(await environmentFolder(name), packageFolder, 'build/start-server.js')
  if (!existsSync(script)) await nodeEnvironment(name, `@portkey-ai/gateway@${version}`)
  return script
}

/**
 * Portkey on the core of the server. Creates go by its route of images, with the same body: its route of videos sends a create on
 * and then answers 500.
 */
export async function startPortkey(script: string, upstreamUrl: string): Promise<Peer> {
  const port = await freePort()
  const child = spawn(...onServerCore(process.execPath, [script, `--port=${port}`, '--headless']), {
    stdio: 'ignore',
  })
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const address = `http://127.0.0.1:${port}`
  for (const until = performance.now() + startMs; !(await answers(address)); await pause(50)) {
    if (child.exitCode === null && performance.now() < until) continue
    await kill()
    throw new Error('Portkey did not start')
  }
  return {
    pid: child.pid ?? 0,
    url: `${address}/v1/images/generations`,
    headers: {
      authorization: 'Bearer any',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstreamUrl,
    },
    [Symbol.asyncDispose]: kill,
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { headers: { connection: 'close' } })
    await response.arrayBuffer()
    return true
  } catch {
    return false
  }
}
