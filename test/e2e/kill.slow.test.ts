import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
const everyState = new Set([
  'queued',
  'in_progress submitting',
  'in_progress running',
  'in_progress archiving',
  'completed succeeded',
])
const terminal = ['completed', 'failed', 'cancelled']

interface Shown {
  id: string
  prompt: string
  status: string
  cost_usd: number
  reserved_cost_usd: number
  attempts: { state: string; upstream: string; upstream_id: string | null }[]
}

async function list(address: string): Promise<Shown[]> {
  const response = await fetch(`${address}/generations?limit=100`, { headers })
  const page: any = await response.json()
  return page.data
}

/** Polls until it holds, within far more time than it needs. */
async function until<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 2400; tries++) {
    const value = await look()
    if (holds(value)) return value
    await pause(25)
  }
  throw new Error('did not come to hold')
}

t.test('kill -9 with fifty generations in every state loses none and renders none twice', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-kill-'))
  const upstreams = [
    { ...reverse, render: { milliseconds: 1500 } },
    { ...official, render: { milliseconds: 1500 } },
  ]
  const simulator = await startSimulator({ upstreams })
  // Slow responses and downloads, so that the kill hits creates whose jobs exist, and incomplete files.
  for (const { id } of upstreams) {
    simulator.control.setFaults(id, [
      { kind: 'slow', delayMs: 600, on: ['create'], after: 3 },
      { kind: 'drip', bytesPerSecond: 20_000, after: 3 },
    ])
  }
  const file = join(directory, 'understudy.yaml')
  const timing = { poll: { first_after_seconds: 0.3, every_seconds: 0.3 }, limits: { max_in_flight: 6 } }
  await writeFile(
    file,
    configText(simulator, upstreams, directory, {
      routing: { unknown_hold_seconds: 3, deadline_seconds: 120 },
      settings: { reseller: timing, official: timing },
    }),
  )
  let gateway = await startProcess(file)
  t.teardown(async () => {
    gateway.child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })

  const accepted = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const priority = index % 2 === 0 ? 'cost' : 'stability'
      const body = JSON.stringify({
        prompt: `scene ${index}`,
        duration: index % 2 === 0 ? 10 : 8,
        routing: { priority },
      })
      const response = await fetch(`${gateway.address}/generate`, { method: 'POST', headers, body })
      t.equal(response.status, 202)
      const generation: any = await response.json()
      return generation.id
    }),
  )
  const before = await until(
    () => list(gateway.address),
    (shown) => everyState.isSubsetOf(new Set(shown.map(stateOf))),
  )
  t.comment(`killed in states: ${JSON.stringify(Object.groupBy(before, stateOf), counts)}`)
  gateway.child.kill('SIGKILL')
  await once(gateway.child, 'exit')

  gateway = await startProcess(file)
  const after = await until(
    () => list(gateway.address),
    (shown) => shown.every(({ status }) => terminal.includes(status)),
  )
  t.same(new Set(after.map(({ id }) => id)), new Set(accepted), 'every accepted generation is there')
  const rendered = Map.groupBy(simulator.control.renders(), ({ prompt }) => prompt)
  t.same(
    [...rendered.values()].filter((renders) => renders.length > 1),
    [],
    'no prompt was rendered twice',
  )
  const ended = Object.groupBy(after, ({ status }) => status)
  t.comment(`ended: ${JSON.stringify(ended, counts)}; rendered ${rendered.size}`)
  t.equal(ended['cancelled'], undefined)
  for (const generation of ended['failed'] ?? []) {
    t.match(generation, { error: { code: 'outcome_unknown' }, attempts: [{ state: 'unknown' }] })
    // If jobs can be listed, only a create that never arrived stays unknown.
    const [attempt] = generation.attempts
    if (attempt?.upstream === 'official')
      t.notOk(rendered.has(generation.prompt), 'the vendor has no such job')
  }
})

function stateOf({ status, attempts }: Shown): string {
  return `${status} ${attempts.at(-1)?.state ?? ''}`.trim()
}

function counts(_: string, value: unknown): unknown {
  return Array.isArray(value) ? value.length : value
}
