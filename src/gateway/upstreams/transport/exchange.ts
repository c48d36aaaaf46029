import type { Dispatcher } from 'undici'
import { createAnswerReader } from './answer-reader.ts'
import type { AnswerReader } from './answer-reader.ts'
import { noAnswerOf, notSentOf } from './send-error.ts'
import type { NoAnswerReason, NotSentReason } from './send-error.ts'

/**
 * The response of an upstream. Header names are lower-case. The body is decoded; strings in it are cut at 16 KiB, and
 * the whole body at `maxKeptBytes`.
 */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** The response came before the whole request was written. */
  early?: true
}

/**
 * Every way a request can end. `not_sent`: no byte of it left this process. `no_answer`: some of it may have been sent,
 * and there was no complete response, so it is unknown what the upstream did.
 */
export type TransportResult =
  | ({ type: 'answer' } & Answer)
  | { type: 'not_sent'; reason: NotSentReason; message: string }
  | { type: 'no_answer'; reason: NoAnswerReason; message: string }

export interface ExchangeLimits {
  /** From now to the last byte of the response. */
  deadlineMs: number
  /** The maximum length of the body that is kept. */
  maxKeptBytes: number
}

/**
 * Sends one request and reads its whole response. Whether bytes were sent is not guessed from error codes: undici calls
 * `onRequestStart` when a connection is ready and the request is about to be written. Everything that fails earlier
 * (DNS, connect, TLS, an idle connection that was closed) fails before that call.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
): Promise<TransportResult> {
  return new Promise((resolve) => {
    const state: ExchangeState = { sent: false, written: false, head: null, reader: null, controller: null }
    let ended = false

    const end = (result: TransportResult) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      state.reader?.close()
      resolve(result)
    }
    let isWhole = false
    const whole = (head: Head, reader: AnswerReader) => {
      isWhole = true
      void reader.end().then((body) => end({ type: 'answer', ...head, body }))
    }
    const fail = (error: unknown) => {
      if (!isWhole) end(state.sent ? noAnswerOf(error, state.head !== null) : notSentOf(error))
    }
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
      onRequestSent() {
        state.written = true
      },
      onResponseStart(controller, status, headers) {
        if (status < 200) return
        const head = { status, headers: flatten(headers), ...(!state.written && { early: true as const }) }
        const reader = createAnswerReader(head.headers['content-encoding'], {
          maxKeptBytes: limits.maxKeptBytes,
          onFull() {
            if (ended || isWhole) return
            whole(head, reader)
            controller.abort(new Error('The response is too long.'))
          },
          onDrain: () => controller.resume(),
        })
        state.head = head
        state.reader = reader
      },
      onResponseData(controller, chunk) {
        if (state.reader?.write(chunk) === false) controller.pause()
      },
      onResponseEnd() {
        if (state.head === null || state.reader === null)
          end({ type: 'no_answer', reason: 'malformed', message: 'The response has no status line.' })
        else whole(state.head, state.reader)
      },
      onResponseError(_controller, error) {
        fail(error)
      },
    })
  })
}

type Head = Omit<Answer, 'body'>

interface ExchangeState {
  sent: boolean
  /** Whether the whole request was written. */
  written: boolean
  head: Head | null
  reader: AnswerReader | null
  controller: Dispatcher.DispatchController | null
}

function lateResult(state: ExchangeState, deadlineMs: number): TransportResult {
  if (!state.sent)
    return { type: 'not_sent', reason: 'deadline', message: `No connection within ${deadlineMs} ms.` }
  const what = state.head === null ? 'No response' : 'Incomplete response'
  return { type: 'no_answer', reason: 'timeout', message: `${what} within ${deadlineMs} ms.` }
}

/** Joins repeated headers with a comma, which HTTP allows for all headers that are read here. */
export function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
