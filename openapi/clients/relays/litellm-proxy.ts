import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'

const key = 'sk-trial-0123456789'
/** It imports half of PyPI: a quarter of a minute on two idle cores, two minutes on busy ones. */
const startMs = 300_000

export interface LitellmProxy extends AsyncDisposable {
  address: string
  key: string
  pid: number
}

/** A model of the proxy: the OpenAI-speaking server behind it, and what is set for it. */
export interface RelayedModel {
  name: string
  baseUrl: string
  apiKey: string
  model?: string
  timeout?: number
}

interface Options {
  routerSettings?: object
  /** The program and arguments that run such a command, where it is not run as it is. */
  run?: (command: string, args: string[]) => [string, string[]]
}

/** LiteLLM's proxy on loopback, with its default settings but for those models. */
export async function startLitellm(
  programs: string,
  port: number,
  models: readonly RelayedModel[],
  { routerSettings = {}, run = (command, args) => [command, args] }: Options = {},
): Promise<LitellmProxy> {
  await using opened = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-litellm-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const config = join(directory, 'config.yaml')
  await writeFile(config, configOf(models, routerSettings))
  const output: Buffer[] = []
  const child = spawn(
    ...run(join(programs, 'litellm'), ['--host', '127.0.0.1', '--port', String(port), '--config', config]),
    // eslint-disable-next-line node/no-process-env -- Python needs its PATH and HOME
    { cwd: directory, env: { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True' } },
  )
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const ended = once(child, 'close')
  opened.defer(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const address = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startMs
  while (!(await isLive(address))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`LiteLLM did not start:\n${Buffer.concat(output).toString()}`)
    await pause(250)
  }
  const resources = opened.move()
  return { address, key, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

function configOf(models: readonly RelayedModel[], routerSettings: object): string {
  return stringify({
    model_list: models.map(({ name, baseUrl, apiKey, model = 'sora-2', timeout }) => ({
      model_name: name,
      litellm_params: {
        model: `openai/${model}`,
        api_base: baseUrl,
        api_key: apiKey,
        ...(timeout !== undefined && { timeout }),
      },
    })),
    ...(Object.keys(routerSettings).length > 0 && { router_settings: routerSettings }),
    general_settings: { master_key: key },
  })
}

async function isLive(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/health/liveliness`, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
