/**
 * How fast what is finished is read: `GET /generations/{id}` beside a bare Fastify route with the same bytes, and the archived
 * video beside nginx; docs/BENCHMARKS.md. Linux, with at least two cores, and nginx.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { z } from 'zod'
import { startChild } from './child.ts'
import { gatewayKey } from './configuration.ts'
import { median, table } from './figures.ts'
import { cpuMicrosOf, onServerCore, residentMegabytes, takeLoadCore } from './serving/cores.ts'
import { download } from './serving/downloads.ts'
import { startNginx } from './serving/nginx.ts'
import { prefill } from './serving/prefill.ts'

const parts = ['read', 'unchanged', 'video', 'readers']
const flags = {
  directory: { type: 'string', default: tmpdir() },
  only: { type: 'string', multiple: true, default: parts },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '2' },
  connections: { type: 'string', default: '50' },
  downloads: { type: 'string', default: '8' },
  readers: { type: 'string', default: '1000' },
  megabytes: { type: 'string', default: '64' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().int().positive()
const given = z
  .object({
    directory: z.string(),
    only: z.array(z.enum(parts)),
    rounds: positive,
    seconds: z.coerce.number().positive(),
    connections: positive,
    downloads: positive,
    readers: positive,
    megabytes: positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

const warmUpSeconds = 1
const headers = { authorization: `Bearer ${gatewayKey}` }
const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Contender {
  address: string
  path: string
  pid: number
}

interface Figures {
  /** Answers, or MB of bodies. */
  perSecond: number
  /** CPU time of the server's process for each of them, in microseconds. */
  cpuMicros: number
}

interface Row {
  name: string
  unit: string
  rounds: Array<{ ours: Figures; other: Figures }>
}

async function answers(contender: Contender, expected: 200 | 304, tag: string | null): Promise<Figures> {
  const options = {
    url: `${contender.address}${contender.path}`,
    connections: given.connections,
    headers: { ...headers, ...(tag !== null && { 'if-none-match': tag }) },
  }
  await autocannon({ ...options, duration: warmUpSeconds })
  await pause(100)
  const cpuBefore = cpuMicrosOf(contender.pid)
  const { duration, errors, timeouts, requests, ...counts } = await autocannon({
    ...options,
    duration: given.seconds,
  })
  const cpu = cpuMicrosOf(contender.pid) - cpuBefore
  const count = counts[expected === 200 ? '2xx' : '3xx']
  if (errors + timeouts > 0 || count !== requests.total)
    throw new Error(
      `not every answer was a ${expected}: ${count} of ${requests.total}, ${errors}, ${timeouts}`,
    )
  return { perSecond: count / duration, cpuMicros: cpu / count }
}

async function megabytes(contender: Contender, connections: number): Promise<Figures> {
  const { pid } = contender
  const cpuBefore = cpuMicrosOf(pid)
  const from = performance.now()
  const count = (await download({ ...contender, headers }, connections, given.seconds)) / 1e6
  const seconds = (performance.now() - from) / 1000
  return { perSecond: count / seconds, cpuMicros: (cpuMicrosOf(pid) - cpuBefore) / count }
}

/** In turn, each first in every other round. */
async function inTurn(
  { name, unit }: Pick<Row, 'name' | 'unit'>,
  measure: (which: 'ours' | 'other') => Promise<Figures>,
): Promise<Row> {
  const rounds: Row['rounds'] = []
  for (let round = 0; round < given.rounds; round++) {
    const first = round % 2 === 0 ? 'ours' : 'other'
    const one = await measure(first)
    const two = await measure(first === 'ours' ? 'other' : 'ours')
    rounds.push(first === 'ours' ? { ours: one, other: two } : { ours: two, other: one })
  }
  return { name, unit, rounds }
}

function shown({ name, unit, rounds }: Row): string[] {
  const ratios = rounds.map(({ ours, other }) => ours.perSecond / other.perSecond).toSorted((a, b) => a - b)
  const middle = (figure: (round: Row['rounds'][number]) => number): number => median(rounds.map(figure))
  return [
    name,
    unit,
    middle(({ ours }) => ours.perSecond).toFixed(0),
    middle(({ other }) => other.perSecond).toFixed(0),
    median(ratios).toFixed(2),
    `${ratios[0]?.toFixed(2)}-${ratios.at(-1)?.toFixed(2)}`,
    middle(({ ours }) => ours.cpuMicros).toFixed(0),
    middle(({ other }) => other.cpuMicros).toFixed(0),
    middle(({ ours, other }) => other.cpuMicros / ours.cpuMicros).toFixed(2),
  ]
}

const root = await mkdtemp(join(given.directory, 'understudy-serving-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
takeLoadCore()

const filled = await prefill(root, given.megabytes)
await using gateway = await startChild(
  {
    type: 'durable',
    directory: root,
    role: 'api',
    upstreamUrl: 'http://127.0.0.1:9/v1',
    maxInFlight: null,
    notesAnswers: false,
  },
  onServerCore,
)
const first = await fetch(`${gateway.address}${filled.generation}`, { headers })
const text = await first.text()
if (first.status !== 200) throw new Error(`the generation was answered with ${first.status}: ${text}`)
const tag = first.headers.get('etag')
await using bare = await startChild({ type: 'bytes', text }, onServerCore)
const bareTag = (await fetch(`${bare.address}${filled.generation}`)).headers.get('etag')

const ourAnswer = { ...gateway, path: filled.generation }
const bareAnswer = { ...bare, path: filled.generation }
const rows: Row[] = []
if (given.only.includes('read'))
  rows.push(
    await inTurn({ name: 'GET /generations/{id} / bare Fastify', unit: 'answers' }, (which) =>
      answers(which === 'ours' ? ourAnswer : bareAnswer, 200, null),
    ),
  )
if (given.only.includes('unchanged') && tag !== null)
  rows.push(
    await inTurn({ name: 'the same, If-None-Match', unit: 'answers' }, (which) =>
      which === 'ours' ? answers(ourAnswer, 304, tag) : answers(bareAnswer, 304, bareTag),
    ),
  )
let memory: { before: number; most: number } | null = null
if (given.only.includes('video') || given.only.includes('readers')) {
  await using nginx = await startNginx(root, filled.file)
  const ourVideo = { ...gateway, path: filled.video }
  if (given.only.includes('video'))
    rows.push(
      await inTurn({ name: `video, ${given.downloads} readers / nginx`, unit: 'MB' }, (which) =>
        megabytes(which === 'ours' ? ourVideo : nginx, given.downloads),
      ),
    )
  if (given.only.includes('readers')) {
    memory = { before: residentMegabytes(gateway.pid), most: 0 }
    const kept = memory
    const watch = setInterval(() => (kept.most = Math.max(kept.most, residentMegabytes(gateway.pid))), 50)
    rows.push(
      await inTurn({ name: `video, ${given.readers} readers / nginx`, unit: 'MB' }, (which) =>
        megabytes(which === 'ours' ? ourVideo : nginx, given.readers),
      ),
    )
    clearInterval(watch)
  }
}

say(
  table(
    ['row', 'unit', 'ours/s', 'other/s', 'ratio', 'least-most', 'ours CPU µs', 'other CPU µs', 'of CPU'],
    rows.map(shown),
  ),
)
if (memory !== null)
  say(
    `memory of the gateway: ${memory.before.toFixed(0)} MB before, at most ${memory.most.toFixed(0)} MB with ${given.readers} readers`,
  )
if (given.json !== undefined)
  await writeFile(
    given.json,
    `${JSON.stringify({ node: process.versions.node, given, rows, memory }, null, 2)}\n`,
  )
