import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Random } from '../../test/chaos/random.ts'
import type { Answer, Call } from './calls.ts'

const connections = 200
const answerMs = 30_000
const kept = 50

interface Done {
  kind: string
  /** When it was due, in milliseconds of `performance.now()`. */
  dueAt: number
  /** From then until all of its answer had come. */
  ms: number
}

/** What became of the calls. */
export class Log {
  readonly done: Done[] = []
  /** By kind and status: `read 200`. */
  readonly statuses = new Map<string, number>()
  /** The first of them. */
  readonly faults: string[] = []
  faultCount = 0

  add(done: Done, status: number): void {
    this.done.push(done)
    const name = `${done.kind} ${status}`
    this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1)
  }

  fault(text: string): void {
    this.faultCount++
    if (this.faults.length < kept) this.faults.push(text)
  }
}

export interface Caller extends AsyncDisposable {
  /** Never throws: what went wrong is in the log. */
  send(kind: string, call: Call, dueAt: number): Promise<void>
}

/** Calls of one gateway. Streams have connections of their own, so that nobody waits behind a reader. */
export function createCaller(address: string, log: Log): Caller {
  const pool = new Pool(address, { connections, headersTimeout: answerMs, bodyTimeout: answerMs })
  const streams = new Pool(address, { headersTimeout: answerMs, bodyTimeout: answerMs })

  async function ask(call: Call): Promise<Answer> {
    const left = call.leaveAfterMs === undefined ? undefined : AbortSignal.timeout(call.leaveAfterMs)
    const isLong = left !== undefined || call.path.includes('?wait=')
    const response = await (isLong ? streams : pool).request({
      method: call.method,
      path: call.path,
      headers: {
        authorization: `Bearer ${call.secret}`,
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: call.body }),
      ...(left !== undefined && { signal: left }),
    })
    const said = { status: response.statusCode, headers: response.headers }
    try {
      return { ...said, text: await response.body.text() }
    } catch (error) {
      if (left?.aborted === true) return { ...said, text: '' }
      throw error
    }
  }

  return {
    async send(kind, call, dueAt) {
      try {
        const answer = await ask(call)
        log.add({ kind, dueAt, ms: performance.now() - dueAt }, answer.status)
        if (!call.expects.includes(answer.status))
          log.fault(
            `${kind}: ${call.method} ${call.path} was answered with ${answer.status} ${answer.text.slice(0, 300)}`,
          )
        else call.check?.(answer)
      } catch (error) {
        log.fault(`${kind}: ${call.method} ${call.path}: ${String(error)}`)
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.destroy(), streams.destroy()])
    },
  }
}

/**
 * Calls `send` at random instants, `rate` times a second on average, for `seconds`; with the instant at which each was due,
 * whatever became of the ones before.
 */
export async function pace(
  rate: number,
  seconds: number,
  send: (dueAt: number) => void,
  random: Random,
): Promise<void> {
  const endsAt = performance.now() + seconds * 1000
  let due = performance.now()
  while (due < endsAt) {
    due += (-Math.log(1 - random.next()) * 1000) / rate
    const early = due - performance.now()
    if (early > 0) await pause(early)
    send(due)
  }
}
