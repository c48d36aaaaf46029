import { createHash } from 'node:crypto'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { keys } from '../e2e/gateway.ts'
import type { Client, ShownAttempt, ShownEvent, ShownGeneration } from './client.ts'
import { finalStatuses, tokenOf } from './load.ts'
import type { Asked, Load } from './load.ts'

export type Render = ReturnType<Simulator['control']['renders']>[number]

/** What was found out about one generation, by its number in the table and in words. */
export interface Violation {
  kind:
    | 'rendered twice'
    | 'lost'
    | 'stuck'
    | 'accepted twice'
    | 'history'
    | 'final state changed'
    | 'ledger'
    | 'floor'
    | 'refusal'
    | 'video'
    | 'verdict'
    | 'caller'
  id: string
  detail: string
}

/** Everything about one generation that the outside can see. */
export interface Case {
  generation: ShownGeneration
  asked: Asked | undefined
  events: ShownEvent[]
  renders: Render[]
}

export interface Finding {
  cases: Case[]
  violations: Violation[]
  settledUsd: number
  reservedUsd: number
  billedUsd: number
  /** Over all attempts: what is settled against what the vendor billed for that very job. */
  differenceUsd: number
  /** Attempts whose outcome is shown as unknown at the end, and how many of them the vendor did render. */
  unknown: { attempts: number; rendered: number }
}

const micros = (usd: number): number => Math.round(usd * 1e6)
const live = new Set(['binding', 'submitting', 'running', 'archiving', 'abandoned'])
const notTaken = new Set(['never_sent', 'overloaded', 'upstream_down', 'invalid', 'character_invalid'])
/** Vendors whose jobs can be listed; there the job of a lost answer must be found. */
const listable = new Set(['official', 'own-gpu'])
/** A job is looked for among those created so long before the request, by the gateway's clock, or later. */
const skewMs = 10_000

/** Whether nothing of this generation is left to be done. */
export function isSettled(generation: ShownGeneration, renders: readonly Render[]): boolean {
  return (
    finalStatuses.has(generation.status) &&
    !generation.attempts.some(({ state }) => live.has(state)) &&
    findable(generation, renders).length === 0
  )
}

/** Renders of lost answers that the gateway can still find and has not found. */
function findable(generation: ShownGeneration, renders: readonly Render[]): Render[] {
  const open = generation.attempts.filter(({ state }) => state === 'unknown')
  return orphansOf(generation, renders).filter(
    (render) =>
      listable.has(render.upstream) &&
      render.state !== 'deleted' &&
      open.some(
        (attempt) =>
          attempt.upstream === render.upstream &&
          render.createdAt > Date.parse(attempt.started_at) - skewMs / 2,
      ),
  )
}

function orphansOf({ attempts }: ShownGeneration, renders: readonly Render[]): Render[] {
  const known = new Set(attempts.map(({ upstream_id: id }) => id))
  return renders.filter(({ id }) => !known.has(id))
}

/** Reads the public API and the simulator's books, and nothing else. */
export async function check(client: Client, simulator: Simulator, load: Load): Promise<Finding> {
  const renders = Map.groupBy(simulator.control.renders(), ({ prompt }) => tokenOf(prompt) ?? prompt)
  const asked = new Map(load.asked.map((each) => [each.token, each]))
  const violations: Violation[] = []
  const cases: Case[] = []
  const listed = new Set<string>()
  const tokens = new Set<string>()

  for (const key of ['studio', 'bank'] as const) {
    for (const generation of await client.list(keys[key])) {
      load.note(generation.id, generation.status, Date.now())
      listed.add(generation.id)
      const token = tokenOf(generation.prompt) ?? ''
      if (tokens.has(token)) {
        violations.push({ kind: 'accepted twice', id: generation.id, detail: `${token} has two generations` })
      }
      tokens.add(token)
      const own = { generation, asked: asked.get(token), renders: renders.get(token) ?? [] }
      const final = finalStatuses.has(generation.status)
      const each = { ...own, events: final ? await client.events(keys[key], generation.id) : [] }
      cases.push(each)
      violations.push(...checkCase(each))
      if (generation.video !== null) violations.push(...(await checkVideo(client, keys[key], generation)))
    }
  }
  violations.push(...(await checkUsage(client, cases)))
  for (const { id, token } of load.asked) {
    if (id !== null && !listed.has(id)) {
      violations.push({ kind: 'lost', id, detail: `accepted as ${id} (${token}), and not in the list` })
    }
  }
  for (const [token, strays] of renders) {
    if (!tokens.has(token)) {
      violations.push({ kind: 'lost', id: token, detail: `${strays.length} renders of no generation` })
    }
  }
  for (const change of load.changed) {
    violations.push({ kind: 'final state changed', id: change.split(':')[0]!, detail: change })
  }
  for (const problem of load.problems) violations.push({ kind: 'caller', id: '', detail: problem })
  return { cases, violations, ...sums(cases, simulator, violations) }
}

/** The report of usage comes to what the generations show, for each tenant. */
async function checkUsage(client: Client, cases: readonly Case[]): Promise<Violation[]> {
  const found: Violation[] = []
  for (const key of ['studio', 'bank'] as const) {
    const shown = cases.filter(({ asked }) => asked?.key === key).map(({ generation }) => generation)
    const { settledUsd, reservedUsd, attempts } = await client.usage(keys[key])
    const sumOf = (of: (generation: ShownGeneration) => number): number =>
      shown.reduce((sum, generation) => sum + of(generation), 0)
    const expected = [
      sumOf((generation) => generation.attempts.length),
      sumOf((generation) => micros(generation.cost_usd)),
      sumOf((generation) => micros(generation.reserved_cost_usd)),
    ].join(' ')
    const reported = [attempts, micros(settledUsd), micros(reservedUsd)].join(' ')
    if (reported !== expected) {
      const detail = `usage of ${key} (attempts, settled, reserved µ$) is ${reported}, its generations are ${expected}`
      found.push({ kind: 'ledger', id: '', detail })
    }
  }
  return found
}

function sums(
  cases: readonly Case[],
  simulator: Simulator,
  violations: Violation[],
): Pick<Finding, 'settledUsd' | 'reservedUsd' | 'billedUsd' | 'differenceUsd' | 'unknown'> {
  const attempts = cases.flatMap(({ generation }) => generation.attempts)
  const sumOf = (state: ShownAttempt['cost_state']): number =>
    attempts
      .filter(({ cost_state: each }) => each === state)
      .reduce((sum, { cost_usd: usd }) => sum + micros(usd), 0)
  const [settled, reserved, billed] = [
    sumOf('settled'),
    sumOf('reserved'),
    micros(simulator.control.bill().totalUsd),
  ]
  if (billed < settled || billed > settled + reserved) {
    const detail = `billed ${billed} µ$, settled ${settled} µ$, reserved ${reserved} µ$`
    violations.push({ kind: 'ledger', id: '', detail })
  }
  return {
    settledUsd: settled / 1e6,
    reservedUsd: reserved / 1e6,
    billedUsd: billed / 1e6,
    differenceUsd: cases.reduce((sum, each) => sum + differenceOf(each), 0) / 1e6,
    unknown: {
      attempts: attempts.filter(({ state }) => state === 'unknown').length,
      rendered: cases.flatMap(({ generation, renders }) => orphansOf(generation, renders)).length,
    },
  }
}

/** In micro-dollars; a settled attempt without a job should cost nothing, and a job that no attempt may own is paid in vain. */
function differenceOf({ generation, renders }: Case): number {
  const billedFor = (id: string | null): number =>
    micros(renders.find((render) => render.id === id)?.billedUsd ?? 0)
  const settled = generation.attempts.filter(({ cost_state: state }) => state === 'settled')
  const known = settled.map((attempt) => Math.abs(micros(attempt.cost_usd) - billedFor(attempt.upstream_id)))
  const open = new Set(
    generation.attempts
      .filter(({ cost_state: state }) => state === 'reserved')
      .map(({ upstream }) => upstream),
  )
  const strays = orphansOf(generation, renders).filter(({ upstream }) => !open.has(upstream))
  return [...known, ...strays.map(({ id }) => billedFor(id))].reduce((sum, each) => sum + each, 0)
}

function checkCase(each: Case): Violation[] {
  const { id } = each.generation
  const found: Violation[] = []
  const blame = (kind: Violation['kind'], detail: string): void => void found.push({ kind, id, detail })
  if (each.asked === undefined) blame('caller', 'its prompt was never asked for')
  checkEnd(each, blame)
  checkRenders(each, blame)
  checkTwice(each, blame)
  checkMoney(each, blame)
  checkHistory(each, blame)
  return found
}

type Blame = (kind: Violation['kind'], detail: string) => void

function checkEnd({ generation, asked, renders }: Case, blame: Blame): void {
  const { status, attempts, video } = generation
  if (!finalStatuses.has(status)) blame('stuck', `still ${status}`)
  for (const { id, state, kind, failure, upstream_id: upstreamId } of attempts) {
    if (live.has(state)) blame('stuck', `${id} is still ${state}`)
    if (asked?.key === 'bank' && kind !== 'official') blame('floor', `${id} went to a ${kind} upstream`)
    // A job that the gateway has deleted is gone indeed.
    const isDeleted = renders.some((render) => render.id === upstreamId && render.state === 'deleted')
    if (!isDeleted && (failure?.code === 'lost' || failure?.code === 'archive_failed')) {
      blame('verdict', `${id} was given up as ${failure.code} without three times "no": ${failure.message}`)
    }
  }
  const delivered = attempts.some(({ state }) => state === 'succeeded')
  if (status === 'completed' && (!delivered || video === null)) blame('lost', 'completed without a video')
  if (status === 'failed' && delivered && video === null) blame('lost', 'a paid video was not kept')
}

/** Every render belongs to an attempt that says what became of it, or may belong to one whose outcome is unknown. */
function checkRenders({ generation, renders }: Case, blame: Blame): void {
  for (const attempt of generation.attempts) {
    const { id, state, upstream_id: upstreamId, failure } = attempt
    if (upstreamId === null) continue
    const render = renders.find((each) => each.id === upstreamId)
    if (render === undefined) blame('lost', `${id} names the job ${upstreamId}, which nobody made`)
    else if (render.state === 'completed' && state !== 'succeeded' && failure?.code !== 'archive_failed') {
      blame('lost', `${id} is ${state} (${failure?.code ?? '–'}), and ${upstreamId} was rendered`)
    } else if (state === 'succeeded' && render.state === 'failed') {
      blame('lost', `${id} succeeded, and ${upstreamId} failed`)
    }
    if (failure !== null && state === 'failed' && notTaken.has(failure.code)) {
      blame('lost', `${id} has the job ${upstreamId}, and was not taken: ${failure.code}`)
    }
  }
  const orphans = Map.groupBy(orphansOf(generation, renders), ({ upstream }) => upstream)
  for (const [upstream, strays] of orphans) {
    const unknown = generation.attempts.filter(
      (attempt) => attempt.upstream === upstream && attempt.state === 'unknown',
    )
    if (strays.length > unknown.length) {
      blame(
        'lost',
        `${strays.length} renders at ${upstream} without an attempt that knows of them (${strays.map(({ id, state }) => `${id} ${state}`).join(', ')}), ${unknown.length} of unknown outcome`,
      )
    }
  }
  for (const { id } of findable(generation, renders)) blame('lost', `${id} was listed, and was not found`)
}

/** A second render only after the first has definitely failed, unless the caller took the risk and is told so. */
function checkTwice({ generation, asked, renders }: Case, blame: Blame): void {
  const ordered = renders.toSorted((a, b) => a.createdAt - b.createdAt)
  for (const [index, render] of ordered.entries()) {
    const next = ordered[index + 1]
    if (next === undefined) continue
    const ended = render.state === 'failed' && render.endedAt !== null && render.endedAt <= next.createdAt
    if (ended) continue
    if (asked?.onUnknown === 'fail') {
      blame('rendered twice', `${render.id} was ${render.state} when ${next.id} was ordered`)
    } else if (!generation.warnings.some(({ code }) => code === 'two_bills_possible')) {
      blame('rendered twice', `${render.id} and ${next.id}, and no warning of two bills`)
    }
  }
  if (renders.length > generation.attempts.length) {
    blame('rendered twice', `${renders.length} renders of ${generation.attempts.length} attempts`)
  }
}

function checkMoney({ generation, asked, renders }: Case, blame: Blame): void {
  let settled = 0
  let reserved = 0
  for (const attempt of generation.attempts) {
    const { id, cost_usd: usd, cost_state: state, upstream_id: upstreamId } = attempt
    if (state === 'settled') settled += micros(usd)
    else reserved += micros(usd)
    if (state === 'reserved' && attempt.state !== 'unknown' && !live.has(attempt.state)) {
      blame('ledger', `${id} is ${attempt.state}, and its cost is not settled`)
    }
    const render = renders.find((each) => each.id === upstreamId)
    if (state === 'settled' && render !== undefined && micros(render.billedUsd) !== micros(usd)) {
      blame(
        'ledger',
        `${id} (${attempt.state} ${attempt.failure?.code ?? ''}) is settled at ${usd}, and ${render.id} (${render.state}) was billed ${render.billedUsd}`,
      )
    }
  }
  if (settled !== micros(generation.cost_usd) || reserved !== micros(generation.reserved_cost_usd)) {
    blame('ledger', 'the cost of the generation is not that of its attempts')
  }
  const most = asked?.maxCostUsd ?? null
  if (most !== null && settled + reserved > micros(most)) {
    blame('ledger', `costs up to ${(settled + reserved) / 1e6}, and ${most} was the most`)
  }
}

function checkHistory({ generation, events }: Case, blame: Blame): void {
  if (!finalStatuses.has(generation.status)) return
  if (events.some(({ seq }, index) => seq !== index + 1)) {
    blame('history', `numbers of events: ${events.map(({ seq }) => seq).join(' ')}`)
  }
  if (events[0]?.type !== 'generation.queued') blame('history', `begins with ${events[0]?.type}`)
  const ends = events.filter(({ type }) => finalStatuses.has(type.replace('generation.', '')))
  if (ends.length !== 1 || ends[0]?.type !== `generation.${generation.status}`) {
    blame('history', `is ${generation.status}, and was told ${ends.map(({ type }) => type).join(', ')}`)
  }
  for (const { id, state } of generation.attempts) {
    const own = events.filter(({ attempt }) => attempt === id)
    const times = (type: string): number => own.filter((event) => event.type === `attempt.${type}`).length
    if (times('started') !== 1) blame('history', `${id} was started ${times('started')} times`)
    if (times('submitting') > 1 + times('rebinding')) {
      blame('history', `${id} was submitted ${times('submitting')} times`)
    }
    if (times('accepted') > 1) blame('history', `${id} was accepted ${times('accepted')} times`)
    const told = state === 'succeeded' || state === 'failed'
    if (told !== (times('succeeded') + times('failed') === 1)) {
      blame('history', `the end of ${id} (${state}) was told ${times('succeeded') + times('failed')} times`)
    }
  }
  const refused = events.findIndex(({ type, code }) => type === 'attempt.failed' && code === 'refused')
  if (refused >= 0 && events.slice(refused).some(({ type }) => type === 'attempt.started')) {
    blame('refusal', 'another attempt was started after a refusal')
  }
}

async function checkVideo(client: Client, key: string, { id, video }: ShownGeneration): Promise<Violation[]> {
  if (video === null) return []
  const { status, bytes } = await client.insist(key, 'GET', video.url)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (status === 200 && bytes.length === video.bytes && sha256 === video.sha256) return []
  return [{ kind: 'video', id, detail: `answered ${status} with ${bytes.length} of ${video.bytes} bytes` }]
}
