import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import * as z from 'zod'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { configText, keys, reverse } from '../e2e/gateway.ts'
import { startCutProxy } from './cut-proxy.ts'
import { mostMemoryMiB, startNode } from './node-process.ts'
import type { NodeProcess } from './node-process.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const callers = 300
const promptBytes = 30_000
/** 300 bodies of 30 kB are 9 MB, each in memory a few times while it waits; 60 and 115 MiB were measured. */
const memoryGrowthMiB = 200
/** A read waits 5 s for a free connection, a write for the lock; the rest is for a busy machine. */
const answerMs = 20_000
const lockMs = 8000
const delayMs = 150

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const server = await startPostgres()
t.teardown(() => server.remove())
const mayHave = /may have been accepted/

interface Outcome {
  name: string
  status: number
  retryAfter: number
  detail: string
  tookMs: number
}

const answered = z.object({ detail: z.string().default('') })

async function create({ address }: NodeProcess, name: string): Promise<Outcome> {
  const prompt = `${name} ${'x'.repeat(promptBytes)}`
  const started = performance.now()
  const response = await fetch(`${address}/generate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt, duration: 10 }),
  })
  const { detail } = answered.parse(await response.json())
  const retryAfter = Number(response.headers.get('retry-after') ?? 0)
  return { name, status: response.status, retryAfter, detail, tookMs: performance.now() - started }
}

async function stage(t: Test, name: string) {
  const url = await server.database(name)
  const proxy = await startCutProxy(url)
  const simulator = await startSimulator({ upstreams: [reverse] })
  t.teardown(() => simulator.close())
  const text = configText(simulator, [reverse], t.testdir({}), {
    storage: { url: proxy.url, standby: 'none' },
    patient: true,
  })
  const node = await startNode(text, 'first')
  if (typeof node === 'string') throw new Error(node)
  t.teardown(async () => {
    node.child.kill('SIGKILL')
    await proxy.close()
  })
  return { url, proxy, node }
}

const stored = z.array(z.object({ name: z.string() }))
const storedNames = `select substring(doc from '((first|late|locked) [0-9]+) x') as name from generations`

/** What the answers say is what the database has; all of them came in time and ask for nothing that is not told when. */
async function proves(t: Test, url: string, outcomes: readonly Outcome[]): Promise<void> {
  const counts = Object.groupBy(outcomes, ({ status, detail }) => `${status} ${detail}`)
  for (const [what, list] of Object.entries(counts)) t.comment(`${list?.length} × ${what}`)
  const refused = outcomes.filter(({ status }) => status !== 202)
  t.same(
    refused.filter(({ status, retryAfter }) => !(status === 429 || status === 503) || retryAfter < 1),
    [],
    'what is not accepted is told when to come again',
  )
  const rows = stored.parse(await server.query(url, storedNames))
  const found = new Set(rows.map(({ name }) => name))
  t.equal(found.size, rows.length, 'nothing is stored twice')
  const missing = outcomes.filter(({ status, name }) => status === 202 && !found.has(name))
  t.equal(missing.length, 0, 'everything accepted is stored')
  const unsaid = refused.filter(({ name, detail }) => found.has(name) && !mayHave.test(detail))
  t.equal(unsaid.length, 0, 'nothing is stored that was turned away')
  const slowest = Math.max(...outcomes.map(({ tookMs }) => tookMs))
  t.comment(`slowest answer after ${Math.round(slowest)} ms`)
  t.ok(slowest < answerMs, 'each is answered in time')
}

const burst = (node: NodeProcess, name: string): Promise<Outcome[]> =>
  Promise.all(Array.from({ length: callers }, (_, index) => create(node, `${name} ${index}`)))

/** The memory that callers who wait need. The first creates load code and open connections, which is not counted. */
async function boundsMemory<T>(t: Test, node: NodeProcess, work: () => Promise<T>): Promise<T> {
  const before = mostMemoryMiB(node)
  const value = await work()
  const grown = mostMemoryMiB(node) - before
  t.comment(`from ${Math.round(before)} MiB by ${Math.round(grown)} MiB`)
  t.notOk(grown > memoryGrowthMiB, `it needs no more than ${memoryGrowthMiB} MiB for those who wait`)
  return value
}

async function succeedsAtOnce(t: Test, node: NodeProcess): Promise<void> {
  const { status, detail, tookMs } = await create(node, 'after')
  t.equal(status, 202, detail)
  t.ok(tookMs < 5000, `accepted after ${Math.round(tookMs)} ms`)
}

t.test(
  'callers of a database that answers late are answered in time, and in memory that is bounded',
  async (t) => {
    const { url, proxy, node } = await stage(t, 'late')
    await create(node, 'first 0')
    proxy.slow(delayMs)
    const outcomes = await boundsMemory(t, node, () => burst(node, 'late'))
    proxy.slow(0)
    await proves(t, url, outcomes)
    await succeedsAtOnce(t, node)
  },
)

t.test('callers who wait for a table that another session has locked are answered in time', async (t) => {
  const { url, node } = await stage(t, 'locked')
  await create(node, 'first 0')
  const release = server.query(
    url,
    `begin; lock table generations in exclusive mode; select pg_sleep(${lockMs / 1000}); commit`,
  )
  await pause(200)
  const outcomes = await boundsMemory(t, node, () => burst(node, 'locked'))
  await release
  await proves(t, url, outcomes)
  await succeedsAtOnce(t, node)
})
