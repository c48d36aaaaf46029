import { setTimeout as pause } from 'node:timers/promises'
import { framesOf, shownEvents, shownGeneration, shownPage } from './shown.ts'
import type { Frame, ShownEvent, ShownGeneration } from './shown.ts'

export interface Wish {
  key: string
  method?: string
  path: string
  body?: object | FormData
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  body: unknown
  bytes: Buffer
  /** An earlier response was lost, so the request may have been processed twice. */
  afterLost: boolean
}

/** The public API of the gateway that currently listens. */
export interface Client {
  /** Null if the response was lost, or no gateway listened: the request may have been processed or not. */
  call(wish: Wish): Promise<Answer | null>
  /**
   * Repeats a request until the response is not a 5xx, 409 or 429, or `again` returns false. The request must be safe
   * to repeat. Throws after two calm minutes without one.
   */
  insist(wish: Wish, again?: (answer: Answer) => boolean): Promise<Answer>
  /**
   * Reads the events of one connection until `take` returns false, the stream ends, or it breaks. Returns the status if
   * it was not a stream; null if no gateway listened.
   */
  stream(wish: Wish, take: (frame: Frame) => boolean, signal: AbortSignal): Promise<number | null>
  list(key: string): Promise<ShownGeneration[]>
  /** The newest hundred; none if no gateway listens. */
  latest(key: string): Promise<ShownGeneration[]>
  /** Null if the generation does not exist. */
  get(key: string, id: string): Promise<ShownGeneration | null>
  /** The complete history of a generation that has ended. */
  events(key: string, id: string): Promise<ShownEvent[]>
}

const answerMs = 10_000
const insistMs = 120_000
const againPauseMs = 20
const unavailable = new Set([409, 429, 500, 502, 503, 504])

/** Includes a full disk, which is temporary. */
export const isNotNow = ({ status }: Answer): boolean => unavailable.has(status) || status === 507
const isUnavailable = ({ status }: Answer): boolean => unavailable.has(status)

/** `peace` aborts when no more kills follow. */
export function createClient(addressNow: () => string | null, peace: AbortSignal): Client {
  const call: Client['call'] = async (wish) => {
    const address = addressNow()
    if (address === null) return null
    try {
      const response = await ask(wish, address, AbortSignal.timeout(answerMs))
      const bytes = Buffer.from(await response.arrayBuffer())
      const isJson = response.headers.get('content-type')?.includes('json') === true
      const body: unknown = isJson ? JSON.parse(bytes.toString()) : null
      return { status: response.status, headers: response.headers, body, bytes, afterLost: false }
    } catch {
      return null
    }
  }
  const insist: Client['insist'] = async (wish, again = isUnavailable) => {
    let until = Date.now() + insistMs
    let afterLost = false
    for (;;) {
      const asks = addressNow() !== null
      const answer = await call(wish)
      if (answer !== null && !again(answer)) return { ...answer, afterLost }
      // After a 5xx it is as uncertain what became of the request as without a response.
      if (asks && (answer === null || answer.status >= 500)) afterLost = true
      if (!peace.aborted) until = Date.now() + insistMs
      if (Date.now() > until) {
        const { method = 'GET', path } = wish
        throw new Error(`${method} ${path} got no answer: ${answer?.status ?? 'nobody listens'}`)
      }
      await pause(againPauseMs)
    }
  }
  return {
    call,
    insist,
    async stream(wish, take, signal) {
      const address = addressNow()
      if (address === null) return null
      const hangUp = new AbortController()
      try {
        const response = await ask(wish, address, AbortSignal.any([signal, hangUp.signal]))
        if (response.status !== 200 || response.body === null) return response.status
        let text = ''
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
          const { frames, rest } = framesOf(text + chunk)
          text = rest
          if (!frames.every(take)) return response.status
        }
        return response.status
      } catch (error) {
        // `fetch` throws a TypeError for an interrupted connection; any other error is an unreadable event.
        if (error instanceof TypeError || error instanceof DOMException) return null
        throw error
      } finally {
        hangUp.abort()
      }
    },
    async list(key) {
      const found: ShownGeneration[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const answer: Answer = await insist({ key, path: `/generations?limit=100${query}` })
        const { data, next_cursor: next } = shownPage.parse(answer.body)
        found.push(...data)
        cursor = next
      } while (cursor !== null)
      return found
    },
    async latest(key) {
      const answer = await call({ key, path: '/generations?limit=100' })
      return answer?.status === 200 ? shownPage.parse(answer.body).data : []
    },
    async get(key, id) {
      const { status, body } = await insist({ key, path: `/generations/${id}` })
      return status === 404 ? null : shownGeneration.parse(body)
    },
    async events(key, id) {
      const found: ShownEvent[] = []
      for (let after = 0, more = true; more;) {
        // A stream ends early where its node is stopped, so that it would have to be resumed.
        const { body } = await insist({ key, path: `/generations/${id}/events?format=json&after=${after}` })
        const page = shownEvents.parse(body)
        found.push(...page.data)
        after = page.next_after
        more = page.has_more
      }
      return found
    },
  }
}

function ask({ key, method = 'GET', path, body, headers = {} }: Wish, address: string, signal: AbortSignal) {
  const isForm = body instanceof FormData
  const json = body !== undefined && !isForm
  return fetch(`${address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    signal,
  })
}
