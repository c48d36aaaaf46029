import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { z } from 'zod'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { keys, official, startGateway } from '../e2e/gateway.ts'

export const program = new URL('../../.tooling/understudy.mjs', import.meta.url).pathname
export const gatewayMain = new URL('../../src/gateway/main.ts', import.meta.url).pathname
const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

export async function folder(t: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'understudy-verify-'))
  t.teardown(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A command as people run it: a process of its own, without a terminal. */
export async function run(cwd: string, args: string[], env: Record<string, string> = {}) {
  const started = promisify(execFile)(process.execPath, args, { cwd, env: { HOME: cwd, ...env } })
  started.child.stdin?.end()
  try {
    const { stdout, stderr } = await started
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = failed.parse(error)
    return { code, out: stdout, err: stderr }
  }
}

export const openrouter: SimulatedUpstream = {
  ...official,
  id: 'openrouter',
  dialect: 'openrouter',
  apiKey: 'openrouter-key-0001',
  models: ['google/veo-3.1'],
  durations: [4, 6, 8],
  sizes: ['1280x720', '720x1280', '1920x1080', '1080x1920'],
  price: { perSecondUsd: { default: 0.4 } },
  characters: false,
  render: { milliseconds: 300 },
}

/** `verify` reads the answers of the vendor. */
export const scopes = ['generate', 'read', 'operate']

export async function stage(t: Test, settings: object = {}) {
  const cwd = await folder(t)
  const gateway = await startGateway(t, {
    live: true,
    patient: true,
    upstreams: [openrouter],
    settings: { openrouter: { models: { 'sora-2': 'google/veo-3.1' }, ...settings } },
    keys: { other: { scopes } },
  })
  const env = { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other }
  return {
    cwd,
    gateway,
    env,
    verify: (args: string[], more: Record<string, string> = {}) =>
      run(cwd, [program, 'verify', ...args], { ...env, ...more }),
  }
}
