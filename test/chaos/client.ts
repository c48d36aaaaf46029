import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'

const attempt = z.object({
  id: z.string(),
  upstream: z.string(),
  kind: z.string(),
  state: z.string(),
  upstream_id: z.string().nullable(),
  started_at: z.string(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  cost_usd: z.number(),
  cost_state: z.enum(['reserved', 'settled']),
})

const generation = z.object({
  id: z.string(),
  status: z.string(),
  prompt: z.string(),
  attempts: z.array(attempt),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
  warnings: z.array(z.object({ code: z.string(), detail: z.string() })),
  video: z.object({ url: z.string(), bytes: z.number(), sha256: z.string() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: z.string(),
})

const page = z.object({
  data: z.array(generation),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

const logged = z.looseObject({
  seq: z.int(),
  type: z.string(),
  at: z.string(),
  attempt: z.string().optional(),
  code: z.string().optional(),
})

const report = z.object({
  totals: z.object({ attempts: z.int(), cost_usd: z.number(), reserved_cost_usd: z.number() }),
})

export type ShownGeneration = z.output<typeof generation>
export type ShownAttempt = z.output<typeof attempt>
export type ShownEvent = z.output<typeof logged>

export interface Answer {
  status: number
  body: unknown
  bytes: Buffer
}

/** The public API of whichever incarnation listens now. */
export interface Client {
  /** Null when the answer was lost, or nobody listened: the request may have been taken or not. */
  call(
    key: string,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer | null>
  /** Asks again until there is an answer that is not a 5xx, 409 or 429; the request must bear repeating. */
  insist(
    key: string,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>
  list(key: string): Promise<ShownGeneration[]>
  latest(key: string): Promise<ShownGeneration[]>
  events(key: string, id: string): Promise<ShownEvent[]>
  /** The totals of all time. */
  usage(key: string): Promise<{ attempts: number; settledUsd: number; reservedUsd: number }>
}

const answerMs = 10_000
const insistMs = 120_000
const again = new Set([409, 429, 500, 502, 503, 504])

export function createClient(addressNow: () => string | null): Client {
  const call: Client['call'] = async (key, method, path, body, headers = {}) => {
    const address = addressNow()
    if (address === null) return null
    try {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerMs),
      })
      const bytes = Buffer.from(await response.arrayBuffer())
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, body: isJson ? JSON.parse(bytes.toString()) : null, bytes }
    } catch {
      return null
    }
  }
  const insist: Client['insist'] = async (...request) => {
    const until = Date.now() + insistMs
    for (;;) {
      const answer = await call(...request)
      if (answer !== null && !again.has(answer.status)) return answer
      if (Date.now() > until) {
        throw new Error(`${request[1]} ${request[2]} got no answer: ${answer?.status ?? 'nobody listens'}`)
      }
      await pause(20)
    }
  }
  return {
    call,
    insist,
    async list(key) {
      const found: ShownGeneration[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const { data, next_cursor: next } = page.parse(
          (await insist(key, 'GET', `/generations?limit=100${query}`)).body,
        )
        found.push(...data)
        cursor = next
      } while (cursor !== null)
      return found
    },
    async latest(key) {
      const answer = await call(key, 'GET', '/generations?limit=100')
      return answer?.status === 200 ? page.parse(answer.body).data : []
    },
    async usage(key) {
      const allTime = '/usage?from=1970-01-01T00:00:00Z&to=2999-01-01T00:00:00Z'
      const { totals } = report.parse((await insist(key, 'GET', allTime)).body)
      return {
        attempts: totals.attempts,
        settledUsd: totals.cost_usd,
        reservedUsd: totals.reserved_cost_usd,
      }
    },
    async events(key, id) {
      const { bytes } = await insist(key, 'GET', `/generations/${id}/events`)
      return bytes
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => logged.parse(JSON.parse(line.slice('data: '.length))))
    },
  }
}
