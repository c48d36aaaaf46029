import type { Dispatcher } from 'undici'
import { noAnswerOf, notSentOf } from './send-error.ts'
import type { NoAnswerReason, NotSentReason } from './send-error.ts'

/** What an upstream answered. Header names are lower-case; a body beyond the cap is cut. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * Every way a request can end. `not_sent`: not one byte of it left this process. `no_answer`: some of it may have left,
 * and no complete answer came back, so that nobody here knows what the upstream did with it.
 */
export type TransportResult =
  | ({ type: 'answer' } & Answer)
  | { type: 'not_sent'; reason: NotSentReason; message: string }
  | { type: 'no_answer'; reason: NoAnswerReason; message: string }

export interface ExchangeLimits {
  /** From now to the last byte of the answer. */
  deadlineMs: number
  maxAnswerBytes: number
}

/**
 * One request and its whole answer. Whether bytes left is not guessed from error codes: undici calls `onRequestStart`
 * when a connection is ready and the request is about to be written to it, and everything that fails earlier (DNS,
 * refused, TLS, an idle connection found dead) fails before that call.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
): Promise<TransportResult> {
  return new Promise((resolve) => {
    const state: ExchangeState = { sent: false, head: null, chunks: [], bytes: 0, controller: null }
    let ended = false

    const end = (result: TransportResult) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      resolve(result)
    }
    const fail = (error: unknown) =>
      end(state.sent ? noAnswerOf(error, state.head !== null) : notSentOf(error))
    const timer = setTimeout(() => {
      end(lateResult(state, limits.deadlineMs))
      state.controller?.abort(new Error('The deadline has passed.'))
    }, limits.deadlineMs)

    dispatcher.dispatch(options, {
      onRequestStart(controller) {
        if (ended) {
          controller.abort(new Error('The deadline passed before a connection was ready.'))
          return
        }
        state.controller = controller
        state.sent = true
      },
      onResponseStart(_controller, status, headers) {
        if (status >= 200) state.head = { status, headers: flatten(headers) }
      },
      onResponseData(controller, chunk) {
        const room = limits.maxAnswerBytes - state.bytes
        state.bytes += chunk.length
        state.chunks.push(chunk.subarray(0, Math.max(0, room)))
        if (chunk.length <= room) return
        end(answerOf(state))
        controller.abort(new Error('The answer is too long.'))
      },
      onResponseEnd() {
        end(answerOf(state))
      },
      onResponseError(_controller, error) {
        fail(error)
      },
    })
  })
}

interface ExchangeState {
  sent: boolean
  head: { status: number; headers: Record<string, string> } | null
  chunks: Buffer[]
  bytes: number
  controller: Dispatcher.DispatchController | null
}

function answerOf({ head, chunks }: ExchangeState): TransportResult {
  if (head === null)
    return { type: 'no_answer', reason: 'malformed', message: 'the answer has no status line' }
  return { type: 'answer', ...head, body: Buffer.concat(chunks).toString('utf8') }
}

function lateResult(state: ExchangeState, deadlineMs: number): TransportResult {
  if (!state.sent)
    return { type: 'not_sent', reason: 'deadline', message: `no connection within ${deadlineMs} ms` }
  const what = state.head === null ? 'no answer' : 'only part of an answer'
  return { type: 'no_answer', reason: 'timeout', message: `${what} within ${deadlineMs} ms` }
}

/** Repeated headers joined by a comma, as HTTP allows for all that are read here. */
export function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
