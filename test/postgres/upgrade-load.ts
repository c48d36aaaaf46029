import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'

/** Between two requests of a caller. Without it, callers leave a node that starts little of the machine. */
const pauseMs = 250
const againMs = 50
/** More than a node takes to end and another one to take its place. */
const insistMs = 60_000

export interface UpgradeLoad {
  /** The ids of what was accepted, by the idempotency key of the request. */
  accepted: Map<string, string>
  /** Responses that were no success, and requests that never got one. */
  failures: string[]
  /** Requests that were repeated because their connection was closed. */
  closed: number
  /** Requests that got an answer. */
  answered: number
  /** Asks for one thing and repeats that while the connection is closed; null after a failure. */
  call(method: string, path: string, body?: object, key?: string): Promise<unknown>
  stop(): Promise<void>
}

const accepted = z.object({ id: z.string() })

/** Callers that create, read and list, one request after another each, and repeat nothing but what had its connection closed. */
export function startUpgradeLoad(of: {
  callers: number
  addresses: () => readonly string[]
  webhookUrl: string
}): UpgradeLoad {
  const stopping = new AbortController()
  let turn = 0
  const load: UpgradeLoad = { accepted: new Map(), failures: [], closed: 0, answered: 0, call, stop }

  async function call(method: string, path: string, body?: object, key?: string): Promise<unknown> {
    const until = Date.now() + insistMs
    for (;;) {
      const addresses = of.addresses()
      const response = await ask(`${addresses[turn++ % addresses.length]}${path}`, method, body, key)
      if (response !== null) {
        load.answered++
        if (response.ok) return response.body
        load.failures.push(`${method} ${path}: ${response.status} ${JSON.stringify(response.body)}`)
        return null
      }
      load.closed++
      if (Date.now() > until) {
        load.failures.push(`${method} ${path}: nobody answers`)
        return null
      }
      await pause(againMs)
    }
  }

  async function create(key: string): Promise<string | null> {
    const body = { prompt: `scene ${key}`, duration: 10, webhook_url: of.webhookUrl }
    const answer = await call('POST', '/generate', body, key)
    if (answer === null) return null
    const { id } = accepted.parse(answer)
    load.accepted.set(key, id)
    return id
  }

  async function behave(caller: number): Promise<void> {
    for (let count = 0; !stopping.signal.aborted; count++) {
      const id = await create(`${caller}-${count}`)
      for (const path of [`/generations/${id}`, '/generations?limit=5', '/usage']) {
        if (id !== null) await call('GET', path)
        await pause(pauseMs)
      }
    }
  }

  const behaving = call('POST', '/webhook-secrets').then(() =>
    Promise.all(Array.from({ length: of.callers }, (_, caller) => behave(caller))),
  )
  async function stop(): Promise<void> {
    stopping.abort()
    await behaving
  }
  return load
}

/** Null if the connection was refused or closed before the whole response. */
async function ask(url: string, method: string, body: object | undefined, key: string | undefined) {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${keys.studio}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    return { ok: response.ok, status: response.status, body: answer }
  } catch (error) {
    // What `fetch` throws for a connection; a response that is no JSON is a SyntaxError.
    if (error instanceof TypeError) return null
    throw error
  }
}
