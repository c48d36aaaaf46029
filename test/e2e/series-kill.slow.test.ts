import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, reverse } from './gateway.ts'

/** Series that are being accepted at the same time when their gateway is killed: most of the time goes into its starts. */
const atOnce = 4
const kills = 52
/** Gateways beside each other, each with its own data. */
const lanes = 4
const scenesOfEach = 12

interface Outcome {
  made: number
  lost: number
  faults: string[]
}

/** A gateway that has just started on a busy machine may be overloaded for a moment; every call here can be repeated. */
async function call(address: string, method: string, path: string, body?: object, key?: string) {
  for (let tries = 1; ; tries++) {
    const answer = await callOnce(address, method, path, body, key)
    if (answer.status !== 503 || tries === 40) return answer
    await pause(250)
  }
}

async function callOnce(address: string, method: string, path: string, body?: object, key?: string) {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${keys.studio}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer: any = await response.json()
  return { status: response.status, body: answer }
}

const asked = (key: string) => ({
  metadata: { key },
  max_cost_usd: 10,
  scenes: Array.from({ length: scenesOfEach }, (_, index) => ({ prompt: `a mill ${key} ${index}` })),
})

async function seriesOf(address: string, key: string): Promise<any[]> {
  const { status, body } = await call(address, 'GET', '/series?limit=100')
  if (status !== 200) throw new Error(`GET /series: ${status} ${JSON.stringify(body)}`)
  return body.data.filter(({ metadata }: any) => metadata.key === key)
}

/** Stored completely or not at all. Repeating the call finds the series, or creates it. */
async function check(address: string, key: string, outcome: Outcome): Promise<void> {
  const found = await seriesOf(address, key)
  if (found.length > 1) outcome.faults.push(`${key}: ${found.length} series`)
  for (const { id } of found) {
    const { body } = await call(address, 'GET', `/series/${id}`)
    const prompts = body.scenes.map(({ prompt }: any) => prompt)
    const expected = asked(key).scenes.map(({ prompt }) => prompt)
    if (JSON.stringify(prompts) !== JSON.stringify(expected)) outcome.faults.push(`${key}: ${prompts}`)
  }
  if (found.length === 0) outcome.lost += 1
  else outcome.made += 1
  const again = await call(address, 'POST', '/series', asked(key), key)
  if (again.status !== 202) outcome.faults.push(`${key}: ${again.status} ${JSON.stringify(again.body)}`)
  const after = await seriesOf(address, key)
  if (after.length !== 1 || after[0].id !== again.body.id || (found[0] ?? after[0]).id !== after[0].id)
    outcome.faults.push(`${key}: ${JSON.stringify(after.map(({ id }) => id))} after the call was repeated`)
}

async function checkAll(address: string, names: string[], outcome: Outcome): Promise<void> {
  for (const key of names) await check(address, key, outcome)
}

async function killed(simulator: Simulator, lane: number): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-series-'))
  const file = join(directory, 'understudy.yaml')
  await writeFile(file, configText(simulator, [reverse], directory))
  const outcome: Outcome = { made: 0, lost: 0, faults: [] }
  let last: string[] = []
  try {
    // Only accepting is tested here: what is held after a restore renders nothing.
    for (let round = 0; round <= kills / lanes; round++) {
      const { child, address } = await startProcess(file, undefined, [], ['--restored'])
      try {
        await checkAll(address, last, outcome)
        last = Array.from({ length: atOnce }, (_, index) => `${lane}-${round}-${index}`)
        const sent = last.map((key) => call(address, 'POST', '/series', asked(key), key).catch(() => null))
        // From before the first byte is read until after the response.
        await pause((round * 37) % 300)
        child.kill('SIGKILL')
        await Promise.all(sent)
      } finally {
        const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
        child.kill('SIGKILL')
        await gone
      }
    }
    return outcome
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

t.test(
  `kill -9 while ${kills * atOnce} series are accepted: all scenes of each are there or none, and never two series of one key`,
  { timeout: 290_000 },
  async (t) => {
    const simulator = await startSimulator({ upstreams: [reverse] })
    t.teardown(() => simulator.close())
    const outcomes = await Promise.all(Array.from({ length: lanes }, (_, lane) => killed(simulator, lane)))
    const [made, lost] = ['made', 'lost'].map((kind) =>
      outcomes.reduce((sum, outcome) => sum + (kind === 'made' ? outcome.made : outcome.lost), 0),
    )
    t.comment(`${made} were stored at the kill, ${lost} were not`)
    t.same(
      outcomes.flatMap(({ faults }) => faults),
      [],
    )
    t.equal((made ?? 0) + (lost ?? 0), kills * atOnce)
    t.ok((made ?? 0) > 0 && (lost ?? 0) > 0, 'kills came before and after the series was stored')
    t.same(simulator.control.renders(), [], 'and nothing was paid')
  },
)
