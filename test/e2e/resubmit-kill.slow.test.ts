import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official } from './gateway.ts'

/** Gateways beside each other, each with its own data and vendors. */
const lanes = 2
const scenesOfEach = 6

/** `count` such things have happened, and then `ms` passed. `taken`: the job exists, and its answer is about to leave. */
interface Moment {
  after: 'asked' | 'accepted' | 'taken' | 'answered'
  count: number
  ms: number
}

const moments: Moment[] = [
  { after: 'asked', count: 2, ms: 0 },
  { after: 'asked', count: 6, ms: 2 },
  { after: 'accepted', count: 1, ms: 0 },
  { after: 'accepted', count: 3, ms: 1 },
  { after: 'accepted', count: 6, ms: 4 },
  { after: 'accepted', count: 6, ms: 8 },
  { after: 'taken', count: 1, ms: 0 },
  { after: 'taken', count: 3, ms: 0 },
  { after: 'taken', count: 6, ms: 0 },
  { after: 'answered', count: 1, ms: 0 },
  { after: 'answered', count: 3, ms: 1 },
  { after: 'answered', count: 6, ms: 5 },
]

/** How far a generation was when the gateway was killed. */
type Reached = 'not stored' | 'stored' | 'about to leave' | 'sent, answer not stored' | 'answer stored'

/**
 * Each must have been met, and some are as short as a step of the loop: where none of the moments met it on this machine, the
 * gateway is killed further times at the moment that is most likely to.
 */
const mostLikely = new Map<Reached, Moment>([
  ['not stored', { after: 'asked', count: 2, ms: 0 }],
  ['stored', { after: 'accepted', count: 1, ms: 0 }],
  ['sent, answer not stored', { after: 'taken', count: 1, ms: 0 }],
  ['answer stored', { after: 'answered', count: 6, ms: 5 }],
])
const furtherOfEach = 10

async function call(address: string, method: string, path: string, body?: object, key = keys.studio) {
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer: any = await response.json()
    // A gateway that has just started on a busy machine may be overloaded for a moment; every call here can be repeated.
    if (response.status !== 503 || tries === 40) return { status: response.status, body: answer }
    await pause(100)
  }
}

/** Within far more time than it needs. */
async function until(what: string, holds: () => boolean | Promise<boolean>, everyMs = 25): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`did not come to hold: ${what}`)
    await pause(everyMs)
  }
}

/** Three vendors. Of the first, every create is taken and its answer lost, and its list of jobs fails while `hides`. */
async function startVendors(t: Test) {
  const upstreams = [
    { ...official, id: 'first' },
    { ...official, id: 'second', price: { perSecondUsd: { default: 0.3 } } },
    { ...official, id: 'third', price: { perSecondUsd: { default: 0.5 } } },
  ]
  const simulator = await startSimulator({ upstreams })
  t.teardown(() => simulator.close())
  const first = await startVendorProxy(t)
  const second = await startVendorProxy(t)
  first.forwardTo(simulator.baseUrl('first'))
  second.forwardTo(simulator.baseUrl('second'))
  const state = { hides: true, onTaken: () => {} }
  first.answerWith(({ method, path }) => {
    if (method === 'POST') return { status: 502, body: '<html>' }
    return state.hides && /^\/videos(\?|$)/.test(path) ? { status: 503, body: '{}' } : null
  })
  second.answerWith(({ method }) => {
    if (method === 'POST') state.onTaken()
    return null
  })
  const quiet = {
    poll: { first_after_seconds: 0.3, every_seconds: 0.3 },
    breaker: { failure_rate: 1, window_seconds: 30, min_calls: 10_000, open_seconds: 0.2 },
  }
  const settings = {
    first: { ...quiet, base_url: first.url },
    second: { ...quiet, base_url: second.url },
    third: quiet,
  }
  return { simulator, upstreams, settings, state }
}

type Vendors = Awaited<ReturnType<typeof startVendors>>

/** Jobs at the vendors by prompt, each as the name of its vendor. */
function jobsOf({ simulator }: Vendors): Map<string, string[]> {
  const byPrompt = Map.groupBy(simulator.control.renders(), ({ prompt }) => prompt)
  return new Map([...byPrompt].map(([prompt, jobs]) => [prompt, jobs.map(({ upstream }) => upstream)]))
}

/** What the killed gateway left in its file. */
function left(directory: string) {
  using file = new DatabaseSync(join(directory, 'understudy.db'), { readOnly: true })
  const acts = file.prepare(
    `select subject, count(*) as n from audit where action = 'generation.resubmitted' group by subject`,
  )
  const later = file.prepare(
    `select generation_id as id, state, upstream_id as job from attempts where upstream <> 'first'`,
  )
  return {
    acts: new Map(acts.all().map(({ subject, n }) => [String(subject), Number(n)])),
    later: new Map(later.all().map(({ id, state, job }) => [String(id), { state, job }])),
  }
}

function reachedBy(id: string, jobs: string[], { acts, later }: ReturnType<typeof left>): Reached {
  if (!acts.has(id)) return 'not stored'
  const attempt = later.get(id)
  if (attempt === undefined) return 'stored'
  if (attempt.job !== null) return 'answer stored'
  return jobs.length > 1 ? 'sent, answer not stored' : 'about to leave'
}

interface Lane {
  directory: string
  config: string
  vendors: Vendors
  /** Prompts by the id of their generation. */
  scenes: Map<string, string>
  /** Asked to send these again, and no answer came. */
  unanswered: Set<string>
  reached: Reached[]
  faults: string[]
}

/** Scenes whose first attempt is unknown. */
async function unknownScenes({ scenes }: Lane, address: string, round: string): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < scenesOfEach; index++) {
    const scene = { prompt: `a mill by the river ${round} ${index}`, duration: 8 }
    const { status, body } = await call(address, 'POST', '/generate', scene)
    if (status !== 202) throw new Error(JSON.stringify(body))
    scenes.set(body.id, scene.prompt)
    ids.push(body.id)
  }
  await until('the first attempts are unknown', async () => {
    const all = await Promise.all(ids.map((id) => call(address, 'GET', `/generations/${id}`)))
    return all.every(({ body }) => body.attempts?.[0]?.state === 'unknown')
  })
  return ids
}

async function resubmit(lane: Lane, address: string, id: string): Promise<boolean> {
  lane.unanswered.add(id)
  const accepted = { accept_two_bills: true }
  const answer = await call(address, 'POST', `/generations/${id}/resubmit`, accepted).catch(() => null)
  if (answer === null) return false
  lane.unanswered.delete(id)
  if (answer.status !== 202) lane.faults.push(`${id}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return true
}

/** Resubmits all of them while the gateway is killed at that moment, and notes how far each had come. */
async function killedAt(lane: Lane, gateway: Process, ids: string[], moment: Moment): Promise<void> {
  const { child, address } = gateway
  const counts = { asked: 0, accepted: 0, taken: 0, answered: 0 }
  const note = (what: Moment['after']) => {
    counts[what] += 1
    if (what !== moment.after || counts[what] !== moment.count) return
    if (moment.ms === 0) child.kill('SIGKILL')
    else setTimeout(() => child.kill('SIGKILL'), moment.ms)
  }
  lane.vendors.state.onTaken = () => {
    note('taken')
    setImmediate(() => note('answered'))
  }
  const exited = once(child, 'exit')
  await Promise.all(
    ids.map(async (id) => {
      const answered = resubmit(lane, address, id)
      note('asked')
      if (await answered) note('accepted')
    }),
  )
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(late)
  lane.vendors.state.onTaken = () => {}

  const [jobs, found] = [jobsOf(lane.vendors), left(lane.directory)]
  for (const id of ids) {
    lane.reached.push(reachedBy(id, jobs.get(lane.scenes.get(id) ?? '') ?? [], found))
    if (!lane.unanswered.has(id) && !found.acts.has(id)) lane.faults.push(`${id}: accepted, and lost`)
  }
}

/**
 * Lets the vendor list its jobs, and waits until every job is settled and every scene has a video. One whose second request
 * never left has failed by then, and gets the late video of the first.
 */
async function settled({ vendors, scenes }: Lane, address: string): Promise<any[]> {
  vendors.state.hides = false
  let shown: any[] = []
  await until(
    'every job is settled, every video there',
    async () => {
      const answers = await Promise.all(
        [...scenes.keys()].map((id) => call(address, 'GET', `/generations/${id}`)),
      )
      shown = answers.map(({ body }) => body)
      const jobs = jobsOf(vendors)
      const open = shown.flatMap(({ prompt, attempts }) =>
        attempts.filter(
          ({ upstream, cost_state }: any) =>
            cost_state !== 'settled' && jobs.get(prompt)?.includes(upstream) === true,
        ),
      )
      for (const { id } of open) await call(address, 'POST', `/attempts/${id}/look`, undefined, keys.other)
      return open.length === 0 && shown.every(({ video }) => video !== null)
    },
    500,
  )
  return shown
}

type Process = Awaited<ReturnType<typeof startProcess>>

function ledgerOf(directory: string) {
  using file = new DatabaseSync(join(directory, 'understudy.db'), { readOnly: true })
  const sums = file.prepare(
    `select coalesce(sum(cost_micros) filter (where cost_state = 'settled'), 0) as settled,
      coalesce(sum(reserved_micros) filter (where cost_state = 'reserved'), 0) as reserved,
      (select sum(micros) from key_months) as spent, (select sum(micros) from key_open) as open from attempts`,
  )
  return { ...sums.get() }
}

function check(t: Test, { directory, vendors, scenes, faults }: Lane, shown: any[]): void {
  t.same(faults, [], 'what was accepted is stored, and asking again is accepted')
  const [jobs, { acts }] = [jobsOf(vendors), left(directory)]
  t.same(
    [...scenes].filter(([id]) => acts.get(id) !== 1),
    [],
    'every one is stored once, however often it was asked for',
  )
  t.same(
    [...scenes.values()].filter((prompt) => {
      const [first, ...later] = jobs.get(prompt) ?? []
      return first !== 'first' || later.length > 1 || later.includes('first')
    }),
    [],
    'no more than one further job for each',
  )
  t.equal(shown.length, scenes.size, 'every generation is there')
  const never = shown.flatMap(({ prompt, attempts }) =>
    attempts.filter(({ upstream }: any) => jobs.get(prompt)?.includes(upstream) !== true),
  )
  // Settled: the first job turned up before the second request left.
  t.same(
    never.filter(({ state, cost_state, cost_usd }: any) =>
      cost_state === 'settled' ? cost_usd !== 0 : state !== 'unknown',
    ),
    [],
    'what never left costs nothing, or has no known outcome',
  )
  const bill = Math.round(vendors.simulator.control.bill().totalUsd * 1e6)
  const reserved = Math.round(
    never.reduce(
      (sum, { cost_usd, cost_state }: any) => sum + (cost_state === 'settled' ? 0 : cost_usd * 1e6),
      0,
    ),
  )
  t.same(ledgerOf(directory), { settled: bill, reserved, spent: bill + reserved, open: 0 })
}

async function startLane(t: Test): Promise<Lane> {
  const vendors = await startVendors(t)
  const directory = await mkdtemp(join(tmpdir(), 'understudy-resubmit-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const config = join(directory, 'understudy.yaml')
  const text = configText(vendors.simulator, vendors.upstreams, directory, {
    patient: true,
    keys: { other: { scopes: ['operate'] } },
    routing: { unknown_hold_seconds: 2, deadline_seconds: 120 },
    settings: vendors.settings,
  })
  await writeFile(config, text)
  return { directory, config, vendors, scenes: new Map(), unanswered: new Set(), reached: [], faults: [] }
}

/** The lane's own moments, and further ones as long as a step has been met in no lane. */
function* roundsOf(own: [number, Moment][], number: number, stages: Lane[]): Generator<[number, Moment]> {
  yield* own
  const from = moments.length + number
  for (let round = from; round < from + furtherOfEach * lanes; round += lanes) {
    const met = new Set(stages.flatMap(({ reached }) => reached))
    const missing = [...mostLikely].find(([each]) => !met.has(each))
    if (missing === undefined) return
    yield [round, missing[1]]
  }
}

async function run(t: Test, lane: Lane, rounds: Iterable<[number, Moment]>): Promise<void> {
  let gateway = await startProcess(lane.config)
  t.teardown(() => gateway.child.kill('SIGKILL'))
  for (const [round, moment] of rounds) {
    // Answers that are late leave time to be killed before them.
    const slow = round % 4 < 2 ? [{ kind: 'slow' as const, delayMs: 60, on: ['create' as const] }] : []
    lane.vendors.simulator.control.setFaults('second', slow)
    const ids = await unknownScenes(lane, gateway.address, `${round}`)
    await killedAt(lane, gateway, ids, moment)
    gateway = await startProcess(lane.config)
    // Whoever got no answer asks again, and so does whoever clicks twice.
    for (const id of ids) await resubmit(lane, gateway.address, id)
  }
  const shown = await settled(lane, gateway.address)
  check(t, lane, shown)
  gateway.child.kill('SIGKILL')
}

t.test(
  `kill -9 at ${moments.length} moments of sending again: one further job at most for each, none lost, and all of it in the ledger`,
  { timeout: 240_000 },
  async (t) => {
    const stages = await Promise.all(Array.from({ length: lanes }, () => startLane(t)))
    await Promise.all(
      stages.map((lane, number) =>
        run(
          t,
          lane,
          roundsOf(
            [...moments.entries()].filter(([round]) => round % lanes === number),
            number,
            stages,
          ),
        ),
      ),
    )
    const reached = stages.flatMap((lane) => lane.reached)
    const counts = Object.groupBy(reached, (each) => each)
    t.comment(JSON.stringify(counts, (_, value) => (Array.isArray(value) ? value.length : value)))
    t.ok(reached.length >= moments.length * scenesOfEach)
    for (const each of mostLikely.keys()) t.ok(counts[each], `some kills came when it was ${each}`)
  },
)
