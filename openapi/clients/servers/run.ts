import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { SimulatedUpstream, Simulator } from '../../../src/simulator/simulator.ts'
import { freePort } from '../../../test/fixtures/free-port.ts'
import { MissingToolError } from '../tool.ts'
import { createPython, startScript, unpackWheel } from './environment.ts'
import type { Wheel } from './environment.ts'
import { replayOf } from './replay.ts'
import { apiKey } from './subject.ts'
import type { Ending, Profile, Subject } from './subject.ts'
import { wireOf } from './wire.ts'

/**
 * `npm run try:servers`: the HTTP layers of vLLM-Omni and SGLang from PyPI, each with a stub for its engine, and the
 * simulator's profiles of them are asked the same, first on the wire and then through the gateway's own upstream. A difference
 * ends it with 1. Says so and ends with 0 where there is no Python or no PyPI.
 */
interface Server {
  profile: Profile
  /** Which code answers. */
  what: string
  wheels: readonly Wheel[]
  script: string
  /** Whether a second one with two API workers is started. */
  hasWorkers: boolean
}

const servers: Server[] = [
  {
    profile: 'vllm-omni',
    what: "vLLM-Omni 0.30.0 with vLLM 0.30.0's error handlers and authentication",
    wheels: [
      { name: 'vllm-omni', version: '0.30.0', paths: ['vllm_omni/'] },
      {
        name: 'vllm',
        version: '0.30.0',
        paths: ['vllm/entrypoints/serve/', 'vllm/exceptions.py', 'vllm/v1/engine/exceptions.py'],
      },
    ],
    script: 'vllm_omni.py',
    hasWorkers: true,
  },
  {
    profile: 'sglang',
    what: 'SGLang 0.5.23',
    wheels: [{ name: 'sglang', version: '0.5.23', paths: ['sglang/multimodal_gen/'] }],
    script: 'sglang.py',
    hasWorkers: false,
  },
]

const directory = await mkdtemp(join(tmpdir(), 'understudy-servers-'))
try {
  process.exitCode = await main()
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const simulator = await startPlayed()
  try {
    const python = await createPython(directory)
    const video = join(directory, 'video.mp4')
    const sample = await fetch(`${simulator.origin}/clips/boat.mp4?seconds=1&size=160x90`)
    await writeFile(video, Buffer.from(await sample.arrayBuffer()))
    let differences = 0
    for (const server of servers) differences += await tried(server, python, video, simulator)
    process.stdout.write(`${differences} differences\n`)
    return differences === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error
    process.stderr.write(`skipped: ${error.message}\n`)
    return 0
  } finally {
    await simulator.close()
  }
}

/** How many answers and outcomes differ between a server and the simulator's profile of it. */
async function tried(server: Server, python: string, video: string, simulator: Simulator): Promise<number> {
  const { profile, what, wheels, script, hasWorkers } = server
  const folder = join(directory, profile)
  for (const wheel of wheels) await unpackWheel(python, wheel, folder)
  const start = (at: number, workers: string) =>
    startScript(python, script, at, [folder, String(at), video, workers])
  const [port, workersPort] = [await freePort(), await freePort()]
  const running = [await start(port, '1')]
  try {
    if (hasWorkers) running.push(await start(workersPort, '2'))
    const real: Subject = {
      base: `http://127.0.0.1:${port}/v1`,
      severalWorkers: hasWorkers ? `http://127.0.0.1:${workersPort}/v1` : null,
      end: (id, ending) => endReal(port, id, ending),
    }
    const played: Subject = {
      base: simulator.baseUrl(profile),
      severalWorkers: hasWorkers ? simulator.baseUrl(`${profile}-workers`) : null,
      end: async (id, ending) => {
        if (ending === 'completes') simulator.control.finish(id)
        else simulator.control.failJob(id, ending === 'breaks' ? '500' : '400')
      },
    }
    process.stdout.write(`${what}: its answers, and those of the simulator\n`)
    const wire = compared(await wireOf(profile, real), await wireOf(profile, played))
    process.stdout.write(`${what}: the gateway's upstream at it, and at the simulator\n`)
    return wire + compared(await replayOf(profile, real), await replayOf(profile, played))
  } finally {
    for (const each of running) each.kill()
  }
}

/** Has the stub of an engine end a job, and waits until the server tells so: 10 seconds at the most. */
async function endReal(port: number, id: string, ending: Ending): Promise<void> {
  const origin = `http://127.0.0.1:${port}`
  const headers = { authorization: `Bearer ${apiKey}` }
  await fetch(`${origin}/stub/jobs/${id}/${ending}`, { method: 'POST', headers })
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${origin}/v1/videos/${id}`, { headers })
    if (!/"status":"(queued|in_progress)"/.test(await answer.text())) return
    await pause(50)
  }
  throw new Error(`${id} does not end at port ${port}.`)
}

function compared(real: Map<string, string>, played: Map<string, string>): number {
  let differences = 0
  for (const [what, answer] of real) {
    const same = played.get(what) === answer
    if (!same) differences += 1
    const detail = same ? `: ${answer}` : `\n  server:    ${answer}\n  simulator: ${played.get(what) ?? ''}`
    process.stdout.write(`${same ? 'same     ' : 'different'} ${what}${detail}\n`)
  }
  return differences
}

function simulated(id: string, profile: Profile, apiServers = 1): SimulatedUpstream {
  return {
    id,
    kind: 'self_hosted',
    dialect: 'openai-videos',
    profile,
    apiKey,
    models: ['wan'],
    price: { perRequestUsd: 0 },
    chargedOn: 'success',
    // Longer than all that is asked: a job runs until it is ended.
    render: { milliseconds: 3_600_000 },
    characters: false,
    apiServers,
  }
}

function startPlayed(): Promise<Simulator> {
  return startSimulator({
    upstreams: [
      simulated('vllm-omni', 'vllm-omni'),
      simulated('vllm-omni-workers', 'vllm-omni', 2),
      simulated('sglang', 'sglang'),
    ],
  })
}
