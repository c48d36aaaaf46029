import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import * as z from 'zod'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { shownPage } from '../chaos/shown.ts'
import { configText, keys, official } from '../e2e/gateway.ts'
import { startNode } from './node-process.ts'
import type { NodeProcess } from './node-process.ts'
import { skipsPostgres, startPostgres } from './server.ts'

/** Of each kind of work that the node has in hand. */
const each = 4
/** Generous: it is the lease, 30 s, and a fraction of the rest on a machine that does nothing else. */
const patienceMs = 100_000
const leaseMs = 30_000
/** A vendor that has taken the job, and does not say so while the test lasts. */
const neverMs = 300_000

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patienceMs} ms`)
    await pause(50)
  }
}

/** Turned away before it had an effect, as a node does that has just stood still; that is repeated. */
const overloaded = z.object({ code: z.literal('overloaded') })

async function call(node: NodeProcess, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${node.address}${path}`, {
    headers: {
      authorization: `Bearer ${keys.studio}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  if (response.ok) return answer
  if (!overloaded.safeParse(answer).success)
    throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  await pause(200)
  return call(node, path, body)
}

const accepted = z.object({ id: z.string() })
const shown = async (node: NodeProcess) => shownPage.parse(await call(node, '/generations?limit=100')).data
const micros = (usd: number): number => Math.round(usd * 1e6)

t.test(
  'a node that stands still for longer than its leases finds its work done by another, and writes and sends nothing of it',
  { skip: skipsPostgres(), timeout: 240_000 },
  async (t) => {
    const server = await startPostgres()
    t.teardown(() => server.remove())
    const url = await server.database('stopped')
    const upstream = { ...official, render: { milliseconds: 300 } }
    const simulator = await startSimulator({ upstreams: [upstream] })
    t.teardown(() => simulator.close())
    const text = configText(simulator, [upstream], t.testdir({}), {
      storage: { url, connections: 8, standby: 'none' },
      patient: true,
      settings: { [upstream.id]: { poll: { first_after_seconds: 0.3, every_seconds: 0.3 } } },
    })
    const nodes: NodeProcess[] = []
    t.teardown(() => nodes.forEach(({ child }) => child.kill('SIGKILL')))
    const start = async (): Promise<NodeProcess> => {
      const node = await startNode(text, 'first')
      if (typeof node === 'string') throw new Error(node)
      nodes.push(node)
      return node
    }
    const create = async (node: NodeProcess, prefix: string, count = each): Promise<string[]> => {
      const prompts = Array.from({ length: count }, (_, index) => `${prefix} ${index}`)
      const answers = await Promise.all(
        prompts.map((prompt) => call(node, '/generate', { prompt, duration: 8 })),
      )
      return answers.map((answer) => accepted.parse(answer).id)
    }
    const states = async (node: NodeProcess, state: string): Promise<number> =>
      (await shown(node)).filter(({ attempts }) => attempts.at(-1)?.state === state).length
    const completed = async (node: NodeProcess): Promise<number> =>
      (await shown(node)).filter(({ status }) => status === 'completed').length

    const stopped = await start()
    simulator.control.setFaults(upstream.id, [{ kind: 'drip', bytesPerSecond: 10 }])
    await create(stopped, 'archived')
    await until('downloads', async () => (await states(stopped, 'archiving')) === each)
    simulator.control.setFaults(upstream.id, [{ kind: 'slow', delayMs: neverMs, on: ['create'] }])
    await create(stopped, 'sent')
    await until('creates', async () => (await states(stopped, 'submitting')) === each)
    await until('jobs', () => simulator.control.renders().length === 2 * each)
    stopped.child.kill('SIGSTOP')
    const stoppedAt = Date.now()
    simulator.control.clearFaults(upstream.id)
    const held = 'select count(*)::int as held from generations where lease_owner is not null'
    t.same(await server.query(url, held), [{ held: 2 * each }], 'it stopped with leases')

    const other = await start()
    await create(other, 'queued')
    await until('the other node does all', async () => (await completed(other)) === 3 * each)
    t.comment(`done ${Date.now() - stoppedAt} ms after the stop`)
    await until('the end of the leases', () => Date.now() - stoppedAt > leaseMs)
    const tables = [
      'select * from generations order by id',
      'select * from attempts order by id',
      'select * from events order by generation_id, seq',
    ]
    const rows = () => Promise.all(tables.map((query) => server.query(url, query)))
    const before = await rows()
    other.child.kill('SIGTERM')
    await once(other.child, 'exit')
    stopped.child.kill('SIGCONT')
    const [late] = await create(stopped, 'late', 1)
    await until('it works again', async () => (await completed(stopped)) === 3 * each + 1)

    const is = (row: unknown): boolean => JSON.stringify(row).includes(String(late))
    const after = (await rows()).map((list) => list.filter((row) => !is(row)))
    t.same(after, before, 'it wrote nothing of what it had in hand')
    const prompts = ['archived', 'queued', 'sent'].flatMap((prefix) =>
      Array.from({ length: each }, (_, index) => `${prefix} ${index}`),
    )
    const rendered = simulator.control.renders().map(({ prompt }) => prompt)
    t.same(rendered.toSorted(), [...prompts, 'late 0'].toSorted(), 'each was rendered once')
    const completions = `select count(*)::int as found, count(distinct generation_id)::int as ids
      from events where type = 'generation.completed'`
    const all = 3 * each + 1
    t.same(await server.query(url, completions), [{ found: all, ids: all }], 'each completed once')
    const list = await shown(stopped)
    const spent = list.reduce((total, { cost_usd }) => total + micros(cost_usd), 0)
    t.equal(spent, micros(simulator.control.bill().totalUsd), 'the ledger is the bill')
    t.ok(list.every(({ reserved_cost_usd }) => reserved_cost_usd === 0))
  },
)
