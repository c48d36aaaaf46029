/**
 * How fast what is finished is read: `GET /generations/{id}` beside a bare Fastify route with the same bytes, and the archived
 * video beside nginx; docs/BENCHMARKS.md. Linux, with at least two cores, and nginx.
 */
import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { startChild } from './child.ts'
import { gatewayKey } from './configuration.ts'
import { median, table } from './figures.ts'
import { amount, count, createFigureNotes, keepFigures, makeRoot, parseOptions, say } from './program.ts'
import { cpuMicrosOf, onServerCore, residentMegabytes, takeLoadCore } from './serving/cores.ts'
import { download } from './serving/downloads.ts'
import { hasNginx, startNginx } from './serving/nginx.ts'
import { prefill } from './serving/prefill.ts'

const given = parseOptions(['read', 'unchanged', 'video', 'readers'], {
  rounds: count(5),
  seconds: amount(2),
  connections: count(50),
  downloads: count(8),
  readers: count(1000),
  megabytes: count(64),
})

const warmUpSeconds = 1
const headers = { authorization: `Bearer ${gatewayKey}` }

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

const ratiosOf = ({ rounds }: Row): number[] =>
  rounds.map(({ ours, other }) => ours.perSecond / other.perSecond).toSorted((a, b) => a - b)

function shown({ name, unit, rounds }: Row): string[] {
  const ratios = ratiosOf({ name, unit, rounds })
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

const root = await makeRoot(given.directory, 'serving')
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
    await inTurn({ name: 'read / bare', unit: 'answers' }, (which) =>
      answers(which === 'ours' ? ourAnswer : bareAnswer, 200, null),
    ),
  )
if (given.only.includes('unchanged') && tag !== null)
  rows.push(
    await inTurn({ name: 'unchanged / bare', unit: 'answers' }, (which) =>
      which === 'ours' ? answers(ourAnswer, 304, tag) : answers(bareAnswer, 304, bareTag),
    ),
  )
const { note, rows: notes } = createFigureNotes()
const memories: string[] = []

/** Notes how much memory the gateway had at most while `readers` download, and of how much it had before. */
async function remembering(name: string, readers: number, measured: () => Promise<Row>): Promise<Row> {
  // What is compiled and kept once, with the first downloads, is not growth.
  await download({ ...ourVideo, headers }, given.downloads, warmUpSeconds)
  const before = residentMegabytes(gateway.pid)
  let most = before
  const watch = setInterval(() => (most = Math.max(most, residentMegabytes(gateway.pid))), 50)
  try {
    return await measured()
  } finally {
    clearInterval(watch)
    note(`${name}: memory at most`, 'MB', 0, most)
    note(`${name}: memory at most / before`, '', 2, most / before)
    memories.push(`${before.toFixed(0)} MB before, at most ${most.toFixed(0)} MB with ${readers} readers`)
  }
}

const ourVideo = { ...gateway, path: filled.video }
const wantsVideo = given.only.includes('video') || given.only.includes('readers')
if (wantsVideo && !(await hasNginx()))
  say('nginx: not run; it is not installed. Install Debian’s package nginx-light.')
else if (wantsVideo) {
  await using nginx = await startNginx(root, filled.file)
  const inTurnFor = (name: string, readers: number) =>
    remembering(name, readers, () =>
      inTurn({ name: `${name} / nginx`, unit: 'MB' }, (which) =>
        megabytes(which === 'ours' ? ourVideo : nginx, readers),
      ),
    )
  if (given.only.includes('video')) rows.push(await inTurnFor('video', given.downloads))
  if (given.only.includes('readers')) rows.push(await inTurnFor('readers', given.readers))
}

say(
  table(
    ['row', 'unit', 'ours/s', 'other/s', 'ratio', 'least-most', 'ours CPU µs', 'other CPU µs', 'of CPU'],
    rows.map(shown),
  ),
)
for (const each of memories) say(`memory of the gateway: ${each}`)
for (const row of rows) note(row.name, '', 2, ...ratiosOf(row))
await keepFigures(given.json, { given, rows: notes(), compared: rows })
