import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { keys } from '../e2e/gateway.ts'
import type { Case, Violation } from './case.ts'
import { checkCase } from './check-case.ts'
import type { Client } from './client.ts'
import { faultsOf } from './follower.ts'
import { checkLedger, ledgerOf } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import type { Load } from './load.ts'
import { tokenOf } from './order.ts'
import { finalStatuses } from './shown.ts'
import type { ShownEvent, ShownGeneration } from './shown.ts'
import { checkUsage, readUsage } from './check-usage.ts'

export interface Finding {
  cases: Case[]
  violations: Violation[]
  ledger: Ledger
}

/** Uses only the public API, the responses that callers got, and the simulator's records. */
export async function check(client: Client, simulator: Simulator, load: Load): Promise<Finding> {
  const before = await readUsage(client)
  const cases = await gather(client, simulator, load)
  const after = await readUsage(client)
  const ledger = ledgerOf(cases, simulator)
  const violations = [
    ...cases.flatMap(checkCase),
    ...checkPresence(cases, simulator, load),
    ...checkFollowers(cases, load),
    ...checkCallers(load),
    ...checkLedger(ledger),
    ...checkUsage(before, after, cases),
  ]
  for (const { generation, key, isDeleted } of cases) {
    if (isDeleted) violations.push(...(await checkDeleted(client, keys[key], generation)))
    else violations.push(...(await checkVideo(client, keys[key], generation)))
  }
  for (const name of load.characters) {
    const { status } = await client.insist({ key: keys.studio, path: `/characters/${name}` })
    if (status !== 200) {
      violations.push({
        kind: 'lost',
        id: '',
        detail: `the character ${name} was made, and is answered ${status}`,
      })
    }
  }
  return { cases, violations, ledger }
}

async function gather(client: Client, simulator: Simulator, load: Load): Promise<Case[]> {
  const renders = Map.groupBy(simulator.control.renders(), ({ prompt }) => tokenOf(prompt))
  const asked = new Map(load.asked.map((each) => [each.token, each]))
  const caseOf = (given: Pick<Case, 'generation' | 'key' | 'events' | 'isDeleted'>): Case => {
    const token = tokenOf(given.generation.prompt) ?? ''
    return { ...given, asked: asked.get(token), renders: renders.get(token) ?? [] }
  }
  const cases = [...load.deleted.values()].map((each) => caseOf({ ...each, isDeleted: true }))
  for (const key of ['studio', 'bank'] as const) {
    for (const listed of await client.list(keys[key])) {
      const { id, status } = listed
      load.note(id, status, Date.now())
      const isOver = finalStatuses.has(status)
      const { generation, events } = isOver
        ? await settled(client, keys[key], listed)
        : { generation: listed, events: null }
      cases.push(caseOf({ generation, key, events, isDeleted: false }))
    }
  }
  return cases
}

/** Reads a generation and its history until both match: an attempt with an unknown outcome may end between the two calls. */
async function settled(
  client: Client,
  key: string,
  listed: ShownGeneration,
): Promise<{ generation: ShownGeneration; events: ShownEvent[] }> {
  let generation = listed
  for (;;) {
    const events = await client.events(key, listed.id)
    const isOpen = generation.attempts.some(({ state }) => state !== 'succeeded' && state !== 'failed')
    const again = isOpen ? await client.get(key, listed.id) : null
    if (again === null || isDeepStrictEqual(again, generation)) return { generation, events }
    generation = again
  }
}

/** Every accepted request exists once, every job belongs to one, and deleted generations are gone. */
function checkPresence(cases: readonly Case[], simulator: Simulator, load: Load): Violation[] {
  const violations: Violation[] = []
  const byToken = Map.groupBy(cases, ({ generation }) => tokenOf(generation.prompt) ?? '')
  for (const [token, own] of byToken) {
    if (own.length === 1) continue
    const detail = `${token} has ${own.length} generations: ${own.map(({ generation }) => generation.id).join(', ')}`
    violations.push({ kind: 'accepted twice', id: own[0]!.generation.id, detail })
  }
  const ids = new Set(cases.map(({ generation }) => generation.id))
  for (const { id, token } of load.asked) {
    if (id !== null && !ids.has(id)) {
      violations.push({ kind: 'lost', id, detail: `accepted as ${id} (${token}), and not in the list` })
    }
  }
  for (const { id, prompt } of simulator.control.renders()) {
    const token = tokenOf(prompt)
    if (token === null || !byToken.has(token)) {
      violations.push({ kind: 'lost', id, detail: `the job ${id} (${prompt}) belongs to no generation` })
    }
  }
  return violations
}

function checkFollowers(cases: readonly Case[], load: Load): Violation[] {
  const byId = new Map(cases.map((each) => [each.generation.id, each]))
  return load.followed.flatMap((followed) => {
    const { id, end } = followed
    const found = byId.get(id)
    const faults = faultsOf(followed, found?.events ?? null)
    if (end === 'gone' && found?.isDeleted !== true) faults.push('was told that there is no such generation')
    return faults.map((detail): Violation => ({ kind: 'followers', id, detail }))
  })
}

function checkCallers({ changed, problems }: Load): Violation[] {
  return [
    ...changed.map((change): Violation => ({
      kind: 'final state changed',
      id: change.split(':')[0]!,
      detail: change,
    })),
    ...problems.map((detail): Violation => ({ kind: 'caller', id: '', detail })),
  ]
}

async function checkVideo(client: Client, key: string, { id, video }: ShownGeneration): Promise<Violation[]> {
  if (video === null) return []
  const { status, bytes } = await client.insist({ key, path: video.url })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (status === 200 && bytes.length === video.bytes && sha256 === video.sha256) return []
  return [{ kind: 'video', id, detail: `answered ${status} with ${bytes.length} of ${video.bytes} bytes` }]
}

async function checkDeleted(client: Client, key: string, { id }: ShownGeneration): Promise<Violation[]> {
  const paths = ['', '/events', '/video'].map((part) => `/generations/${id}${part}`)
  const statuses = await Promise.all(paths.map(async (path) => (await client.insist({ key, path })).status))
  if (statuses.every((status) => status === 404)) return []
  return [{ kind: 'deleted', id, detail: `was deleted, and is answered ${statuses.join(', ')}` }]
}
