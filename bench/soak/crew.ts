import { z } from 'zod'
import { createRandom } from '../../test/chaos/random.ts'
import { percentile } from '../figures.ts'
import { callOf } from './calls.ts'
import { createCaller, Log, pace } from './caller.ts'
import { createShare, mix, untimed } from './mix.ts'
import { nowAndThen } from './now-and-then.ts'
import { fateOf } from './orders.ts'
import { startReceiver } from './receiver.ts'
import type { Told } from './receiver.ts'
import { adminKey } from './stage.ts'
import type { Stage, Vendor } from './stage.ts'
import { createWorld } from './world.ts'
import type { Key, World } from './world.ts'

const tenants = ['animals', 'plants']
const keysEach = 2
/** Jobs take up to six seconds, twice where the first fails; none is to be this late. */
const lifeSeconds = 15

/** Callers of one gateway, with their keys and their receiver. */
export interface Crew extends AsyncDisposable {
  log: Log
  world: World
  /** The mix, so many times a second on average. */
  load(rate: number, seconds: number): Promise<void>
  /** What is asked for now and then as well, until it is disposed of. */
  nowAndThen(): Disposable
  /** Webhooks that have not come yet. */
  owed(): number
}

async function order(stage: Stage, secret: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${stage.gateway.address}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`${path} was answered with ${response.status} ${text}`)
  return JSON.parse(text)
}

const MadeKey = z.object({ id: z.string(), secret: z.string() })

async function makeKeys(stage: Stage): Promise<Key[]> {
  const keys: Key[] = []
  for (const tenant of tenants) {
    for (let number = 0; number < keysEach; number++) {
      const name = `${tenant}-${number}`
      const body = { name, tenant, monthly_budget_usd: 1_000_000 }
      const { id, secret } = MadeKey.parse(await order(stage, adminKey, '/keys', body))
      if (number === 0) await order(stage, secret, '/webhook-secrets', {})
      keys.push({ id, secret, tenant })
    }
  }
  return keys
}

/** `firstNumber`: of their generations, which no other crew of this vendor may have. */
export async function assembleCrew(stage: Stage, vendor: Vendor, firstNumber: number): Promise<Crew> {
  const log = new Log()
  const hear = ({ type, data: { generation_id: id } }: Told): void => {
    world.told.add(id)
    const known = world.owed.get(id)
    // It may come before the answer to its create.
    if (known === undefined) return
    if (type === 'generation.completed') world.completed.add(known)
    const isExpected =
      type === (fateOf(known.number) === 'refused' ? 'generation.failed' : 'generation.completed') ||
      (type === 'generation.cancelled' && world.cancels.has(id))
    if (!isExpected) log.fault(`webhook: ${id}, take-${known.number}, ended with ${type}`)
  }
  const receiver = await startReceiver(hear)
  const keys = await makeKeys(stage)
  const world = createWorld({ keys, vendor: vendor.address, receiver: receiver.url, firstNumber })
  const caller = createCaller(stage.gateway.address, log)
  const random = createRandom(firstNumber, 'mix')
  const instants = createRandom(firstNumber, 'instants')
  const underWay = new Set<Promise<void>>()

  function send(dueAt: number): void {
    const kind = random.weighted(mix)
    const call = callOf(kind, world, random)
    if (call === undefined) return
    const sent = caller.send(kind, call, dueAt).finally(() => underWay.delete(sent))
    underWay.add(sent)
  }

  return {
    log,
    world,
    async load(rate, seconds) {
      await pace(rate, seconds, send, instants)
      await Promise.all(underWay)
    },
    nowAndThen: () => nowAndThen(world, caller, createRandom(firstNumber, 'now and then')),
    owed: () => [...world.owed.keys()].filter((id) => !world.told.has(id)).length,
    async [Symbol.asyncDispose]() {
      await caller[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

export interface Step {
  rate: number
  p99: number
  faults: number
  /** Webhooks that had not come at its end, and how many there may be. */
  owed: number
  mayOwe: number
  isMet: boolean
}

const stepSeconds = 8
const settleSeconds = 3

/** Loads the gateway for some seconds at this rate; it is met if nothing failed, the p99 was at most `p99Ms` and lives kept up. */
export async function tryRate(crew: Crew, rate: number, p99Ms: number): Promise<Step> {
  const faultsBefore = crew.log.faultCount
  const from = performance.now() + settleSeconds * 1000
  await crew.load(rate, stepSeconds)
  const times = crew.log.done
    .filter(({ kind, dueAt }) => dueAt >= from && !untimed.includes(kind))
    .map(({ ms }) => ms)
  const p99 = percentile(times, 0.99)
  const faults = crew.log.faultCount - faultsBefore
  const owed = crew.owed()
  // Half of the generations have a webhook.
  const mayOwe = Math.ceil((rate * createShare * lifeSeconds) / 2)
  return { rate, p99, faults, owed, mayOwe, isMet: faults === 0 && p99 <= p99Ms && owed <= mayOwe }
}
