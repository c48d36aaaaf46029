import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import * as z from 'zod'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { shownGeneration } from '../chaos/shown.ts'
import type { ShownGeneration } from '../chaos/shown.ts'
import { configText, reverse } from '../e2e/gateway.ts'
import { startReceiver } from '../e2e/receiver.ts'
import { startNode } from './node-process.ts'
import type { NodeProcess, Release } from './node-process.ts'
import { skipsPostgres, startPostgres } from './server.ts'
import { startUpgradeLoad } from './upgrade-load.ts'
import type { UpgradeLoad } from './upgrade-load.ts'

/** Generous: it is a fraction of this on a machine that does nothing else. */
const phaseMs = 120_000
const callers = 4
/** What has to be accepted between two changes of the fleet. */
const perPhase = 5

/** Ends with SIGTERM, as a deployment does. */
async function end({ child }: NodeProcess): Promise<number | null> {
  child.kill('SIGTERM')
  await once(child, 'exit')
  return child.exitCode
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + phaseMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${phaseMs} ms`)
    await pause(50)
  }
}

const micros = (usd: number): number => Math.round(usd * 1e6)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

async function ends(load: UpgradeLoad): Promise<ShownGeneration[]> {
  const shown: ShownGeneration[] = []
  for (const id of load.accepted.values()) {
    await until(`the end of ${id}`, async () => {
      const generation = shownGeneration.parse(await load.call('GET', `/generations/${id}`))
      const isOver = generation.status !== 'queued' && generation.status !== 'in_progress'
      if (isOver) shown.push(generation)
      return isOver
    })
  }
  return shown
}

t.test(
  'three nodes under load are upgraded one by one: no request fails but for a closed connection, and nothing is done twice',
  { skip: skipsPostgres(), timeout: 600_000 },
  async (t) => {
    const server = await startPostgres()
    t.teardown(() => server.remove())
    const url = await server.database('upgraded')
    const upstream = { ...reverse, render: { milliseconds: 300 } }
    const simulator = await startSimulator({ upstreams: [upstream] })
    t.teardown(() => simulator.close())
    const receiver = await startReceiver(t)
    const text = configText(simulator, [upstream], t.testdir({}), {
      storage: { url, connections: 8, standby: 'none' },
      patient: true,
      settings: { [upstream.id]: { poll: { first_after_seconds: 0.3, every_seconds: 0.3 } } },
    })
    const nodes: NodeProcess[] = []
    t.teardown(() => nodes.forEach(({ child }) => child.kill('SIGKILL')))
    const start = async (release: Release): Promise<NodeProcess> => {
      const node = await startNode(text, release)
      if (typeof node === 'string') throw new Error(node)
      return node
    }
    nodes.push(...(await Promise.all([start('first'), start('first'), start('first')])))
    const load = startUpgradeLoad({
      callers,
      addresses: () => nodes.map(({ address }) => address),
      webhookUrl: receiver.url,
    })
    const goOn = async (what: string): Promise<void> => {
      const enough = load.accepted.size + perPhase
      await until(what, () => {
        if (load.failures.length > 0) throw new Error(`${what}: ${load.failures.join('; ')}`)
        return load.accepted.size >= enough
      })
    }
    /** A new node takes the place of one that goes on until it is there. Callers are sent to both, until the old one has ended. */
    const replace = async (place: number, release: Release): Promise<void> => {
      const node = await start(release)
      const [old] = nodes.splice(place, 1)
      if (old === undefined) throw new Error(`no node ${place}`)
      nodes.splice(place, 0, node)
      nodes.push(old)
      t.equal(await end(old), 0, 'what it had in hand was finished')
      nodes.pop()
      await goOn(`node ${place} of the release ${release}`)
    }

    await goOn('three nodes of the first release')
    await replace(0, 'expanding')
    await replace(1, 'first')
    const query = 'select count(*) as found from generations where note is not null'
    const [filled] = z.array(z.object({ found: z.coerce.number() })).parse(await server.query(url, query))
    t.ok(filled && filled.found > 0, 'the tables were expanded while nodes of both releases wrote')
    await replace(1, 'expanding')
    await replace(2, 'expanding')
    await replace(0, 'contracting')
    await replace(1, 'expanding')
    t.match(await startNode(text, 'first'), /NewerDatabaseError.*9002_contract/)
    await load.stop()
    const shown = await ends(load)

    const { accepted, failures, closed, answered } = load
    t.comment(`${accepted.size} accepted, ${answered} requests answered, ${closed} connections closed`)
    t.same(failures, [])
    const renders = simulator.control.renders()
    const prompts = [...accepted.keys()].map((key) => `scene ${key}`).toSorted()
    t.same(renders.map(({ prompt }) => prompt).toSorted(), prompts, 'each was rendered once')
    t.ok(shown.every(({ status, attempts }) => status === 'completed' && attempts.length === 1))
    const stored = `select count(*) as found, count(distinct id) as ids from generations where status = 'completed'`
    t.match(await server.query(url, stored), [{ found: String(accepted.size) }], 'no other was accepted')
    const completions = `select count(*) as found, count(distinct generation_id) as ids
      from events where type = 'generation.completed'`
    const size = String(accepted.size)
    t.same(await server.query(url, completions), [{ found: size, ids: size }], 'each completed once')
    t.equal(sum(shown.map((each) => micros(each.cost_usd))), micros(simulator.control.bill().totalUsd))
    t.equal(sum(shown.map((each) => micros(each.reserved_cost_usd))), 0)
    const told = () => receiver.messages.filter(({ body }) => body.type === 'generation.completed')
    await until('the webhooks', () => new Set(told().map(({ id }) => id)).size >= accepted.size)
    t.equal(new Set(told().map(({ id }) => id)).size, accepted.size)
  },
)
