import { randomUUID } from 'node:crypto'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream, Simulator } from '../../src/simulator/simulator.ts'

/** An upstream of the reseller dialect with small clips that render fast. */
export function reseller(quirks: Partial<SimulatedUpstream> = {}): SimulatedUpstream {
  return {
    id: 'reseller',
    kind: 'reverse',
    dialect: 'sora-tasks',
    apiKey: 'key-r',
    models: ['sora-2'],
    durations: [5, 10],
    sizes: ['160x90', '90x160'],
    price: { perRequestUsd: 0.12 },
    chargedOn: 'success',
    render: { polls: 2 },
    characters: true,
    oneClip: true,
    ...quirks,
  }
}

/** An upstream of the official dialect with small clips that render fast. */
export function official(quirks: Partial<SimulatedUpstream> = {}): SimulatedUpstream {
  return {
    id: 'official',
    kind: 'official',
    dialect: 'openai-videos',
    apiKey: 'key-o',
    models: ['sora-2', 'sora-2-pro'],
    durations: [4, 8, 12],
    sizes: ['160x90', '90x160'],
    price: { perSecondUsd: { default: 0.1, '90x160': 0.5 } },
    chargedOn: 'success',
    render: { polls: 2 },
    characters: false,
    oneClip: true,
    ...quirks,
  }
}

/** An upstream of any other dialect, with small clips of both shapes that render fast. */
export function vendor(
  dialect: SimulatedUpstream['dialect'],
  quirks: Partial<SimulatedUpstream> = {},
): SimulatedUpstream {
  return { ...reseller({ id: dialect, apiKey: 'key-v' }), dialect, ...quirks }
}

/** Starts a simulator that is closed at the end of the test. */
export async function stage(
  t: { teardown(end: () => Promise<void>): void },
  upstreams: SimulatedUpstream[],
  clock?: { now(): number },
): Promise<Simulator> {
  const simulator = await startSimulator({ upstreams, ...(clock === undefined ? {} : { clock }) })
  t.teardown(() => simulator.close())
  return simulator
}

/** A clock that only moves when a test moves it. */
export function heldClock(start = 1_790_000_000_000) {
  let now = start
  return { now: () => now, advance: (milliseconds: number) => void (now += milliseconds) }
}

interface Answer {
  status: number
  headers: Headers
  text: string
  json: any
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** The headers that clients of these dialects send in addition to, or instead of, a bearer token. */
const ownHeaders: Partial<Record<SimulatedUpstream['dialect'], (key: string) => Record<string, string>>> = {
  'fal-queue': (key) => ({ authorization: `Key ${key}` }),
  runway: (key) => ({ ...bearer(key), 'x-runway-version': '2024-11-06' }),
  vidu: (key) => ({ authorization: `Token ${key}` }),
  dashscope: (key) => ({ ...bearer(key), 'x-dashscope-async': 'enable' }),
  'gemini-omni': (key) => ({ 'x-goog-api-key': key }),
  pixverse: (key) => ({ 'api-key': key, 'ai-trace-id': randomUUID() }),
  veo: (key) => ({ 'x-goog-api-key': key }),
}

/** The header with the key, by dialect. */
export function keyHeader({ dialect, apiKey }: SimulatedUpstream): Record<string, string> {
  return (ownHeaders[dialect] ?? bearer)(apiKey)
}

/** Sends requests to an upstream with its key and these additional headers; `path` is relative to its base URL. */
export function client(
  simulator: Simulator,
  upstream: SimulatedUpstream,
  further: Record<string, string> = {},
) {
  return async (
    method: string,
    path: string,
    body?: object | FormData,
    init: RequestInit = {},
  ): Promise<Answer> => {
    const isForm = body instanceof FormData
    const headers = {
      ...keyHeader(upstream),
      ...(body && !isForm ? json : {}),
      ...further,
    }
    const content = body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }
    return read(
      await fetch(`${simulator.baseUrl(upstream.id)}${path}`, { method, headers, ...content, ...init }),
    )
  }
}

const json = { 'content-type': 'application/json' }

export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  let parsed: unknown = null
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = null
  }
  return { status: response.status, headers: response.headers, text, json: parsed }
}

/** A form of texts and files, in the format of the SDKs. */
export function form(texts: [string, string][], files: [string, Blob, string][] = []): FormData {
  const data = new FormData()
  for (const [name, value] of texts) data.append(name, value)
  for (const [name, blob, filename] of files) data.append(name, blob, filename)
  return data
}
