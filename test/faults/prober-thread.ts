/**
 * Probes of a healthy tenant and vendor, and of the gateway's health, in a separate thread, so that the cost of the
 * load does not count as the gateway's.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { healthy } from './stage.ts'
import type { Probe, Sample } from './samples.ts'

const { address, key } = z.object({ address: z.string(), key: z.string() }).parse(workerData)
const answerMs = 10_000
/** The create must arrive within two seconds. After this time it is not expected any more. */
const arrivalMs = 15_000
const lookMs = 10
const everyMs = { health: 100, read: 50, create: 700 }

const simulator = await startSimulator({ upstreams: [healthy] })
const samples: Sample[] = []
const accepted = new Map<string, string>()
const ending = new AbortController()
const lag = monitorEventLoopDelay({ resolution: 10 })
let readable: string | undefined

async function ask(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMs),
  })
}

async function sample(probe: Probe, run: () => Promise<number | null>): Promise<void> {
  const at = Date.now()
  const began = performance.now()
  const note = (error: string | null, ms = performance.now() - began): void =>
    void samples.push({ probe, at, ms, error })
  try {
    const ms = await run()
    note(null, ms ?? undefined)
  } catch (error) {
    note(wordsOf(error))
  }
}

/** `fetch` hides the error of the connection. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return error.message
}

async function expectStatus(wanted: number, answer: Promise<Response>): Promise<string> {
  const response = await answer
  const text = await response.text()
  if (response.status !== wanted) throw new Error(`answered ${response.status} ${codeOf(text)}`)
  return text
}
const codeOf = (text: string): string => /"code":"([a-z_]+)"/.exec(text)?.[1] ?? ''
const shown = z.object({ id: z.string(), status: z.string() })
const rendersOf = (prompt: string) => simulator.control.renders().filter((each) => each.prompt === prompt)

async function create(): Promise<number | null> {
  const prompt = `probe ${accepted.size} at ${Date.now()}`
  const at = Date.now()
  const text = await expectStatus(202, ask('POST', '/generate', { prompt, model: 'probe', duration: 4 }))
  const { id } = shown.parse(JSON.parse(text))
  accepted.set(id, prompt)
  readable = id
  while (Date.now() - at < arrivalMs) {
    const [render] = rendersOf(prompt)
    if (render !== undefined) return render.createdAt - at
    await pause(lookMs)
  }
  throw new Error('never came to the vendor')
}

const runs: Record<Probe, () => Promise<number | null>> = {
  async health() {
    await expectStatus(200, ask('GET', '/health/live'))
    return null
  },
  async read() {
    if (readable !== undefined) await expectStatus(200, ask('GET', `/generations/${readable}`))
    return null
  },
  create,
}

/** The next probe does not wait for one that hangs; `mostOpen` limits their number. */
const mostOpen = 200
async function probe(name: Probe): Promise<void> {
  const open = new Set<Promise<void>>()
  while (!ending.signal.aborted) {
    if (open.size < mostOpen) {
      const one = sample(name, runs[name]).finally(() => open.delete(one))
      open.add(one)
    }
    await pause(everyMs[name])
  }
  await Promise.all(open)
}

/** The results of the probe's own generations, after they have had time to end. */
async function settle(): Promise<string[]> {
  const wrong: string[] = []
  const until = Date.now() + 60_000
  for (const [id, prompt] of accepted) {
    let status = ''
    do {
      const answer = await ask('GET', `/generations/${id}`).catch(() => null)
      if (answer?.status === 200) status = shown.parse(await answer.json()).status
      if (status === 'completed' || status === 'failed') break
      await pause(100)
    } while (Date.now() < until)
    const renders = rendersOf(prompt).length
    if (renders !== 1) wrong.push(`${id} was rendered ${renders} times at the healthy vendor`)
    if (status !== 'completed') wrong.push(`${id} of the healthy tenant is ${status}`)
  }
  return wrong
}

const port = parentPort
if (port === null) throw new Error('This is a thread of the harness.')
const tell = (message: object): void => port.postMessage(message)

async function end(): Promise<void> {
  ending.abort()
  await all
  lag.disable()
  tell({ type: 'samples', samples, lagMs: { p99: lag.percentile(99) / 1e6, max: lag.max / 1e6 } })
}

async function report(): Promise<void> {
  const wrong = await settle()
  tell({ type: 'settled', wrong, accepted: accepted.size })
}

let all: Promise<unknown> = Promise.resolve()
port.on('message', (message: unknown) => {
  if (message === 'begin') {
    lag.enable()
    all = Promise.all([probe('health'), probe('read'), probe('create')])
  } else if (message === 'end') void end()
  else if (message === 'settle') void report()
})
tell({ type: 'ready', baseUrl: simulator.baseUrl(healthy.id) })
