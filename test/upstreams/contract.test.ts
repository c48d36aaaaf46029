import t from 'tap'
import type { Test } from 'tap'
import type { MediaSource } from '../../src/ports/upstream.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { createUpstreamDirectory } from '../../src/upstreams/directory.ts'
import { upstreamContract } from '../contract/upstream.suite.ts'
import type { StageOptions, UpstreamStage } from '../contract/upstream.suite.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, noLogger } from './loopback.ts'

type Dialect = SimulatedUpstream['dialect']

const simulated = (id: string, changes: Partial<SimulatedUpstream>): SimulatedUpstream => ({
  id,
  kind: 'official',
  dialect: 'openai-videos',
  apiKey: `key-of-${id}`,
  models: ['sora-2'],
  durations: [5],
  sizes: ['160x90'],
  price: { perRequestUsd: 0.12 },
  chargedOn: 'success',
  render: { polls: 2 },
  characters: true,
  oneClip: true,
  ...changes,
})

const upstreams = [
  simulated('official', {}),
  simulated('sparse-202', { kind: 'self_hosted', sparse: true, createStatus: 202 }),
  simulated('reseller', { kind: 'reverse', dialect: 'sora-tasks' }),
]
const simulator = await startSimulator({ upstreams })
t.teardown(() => simulator.close())

/** The simulator's clip as a file of ours, at an address that the simulator can fetch. */
async function sampleClip(): Promise<MediaSource> {
  const url = `${simulator.origin}/clips/fox.mp4?seconds=3&size=160x90`
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
  async function* open() {
    yield bytes
  }
  return { contentType: 'video/mp4', fileName: 'fox.mp4', bytes: bytes.length, url, open }
}
const clip = await sampleClip()

function stageOf(id: string, dialect: Dialect, profile: string, can: UpstreamStage['can']) {
  return async (t: Test, options: StageOptions = {}): Promise<UpstreamStage> => {
    simulator.control.reset()
    const { createMs = 5000, createServerError = 'unknown' } = options
    const each = settings({
      spec: spec({ id, dialect, sizes: ['160x90'], durations: [5] }),
      baseUrl: simulator.baseUrl(id),
      apiKey: `key-of-${id}`,
      profile,
      timeouts: { ...settings().timeouts, createMs },
      // The suite fails on purpose more often than any breaker would bear.
      breaker: { failureRate: 1, windowMs: 60_000, minCalls: 1000, openMs: 60_000 },
      createServerError,
    })
    const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
    const directory = createUpstreamDirectory([each], deps)
    t.teardown(() => directory.close())
    const upstream = directory.get(id)
    const requests = () => simulator.control.requests()[id]
    if (upstream === undefined) throw new Error(`no upstream is called ${id}`)
    return {
      upstream,
      can,
      fault: (...faults) => simulator.control.setFaults(id, faults),
      renders: () => simulator.control.renders(id),
      requests: () => requests() ?? { create: 0, poll: 0, character_create: 0 },
      finish: (jobId) => simulator.control.finish(jobId),
      revokeCharacter: (handle) => simulator.control.revokeCharacter(handle),
      clip,
    }
  }
}

const everything = { cancel: true, list: true, reference: true }
upstreamContract(
  t,
  'openai-videos',
  stageOf('official', 'openai-videos', 'openai', { ...everything, cancel: false }),
)
upstreamContract(
  t,
  'openai-videos with JSON, at a sparse server',
  stageOf('sparse-202', 'openai-videos', 'generic', everything),
)
upstreamContract(
  t,
  'sora-tasks',
  stageOf('reseller', 'sora-tasks', 'generic', { cancel: false, list: false, reference: false }),
)
