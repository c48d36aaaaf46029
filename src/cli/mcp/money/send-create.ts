import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '../../gateway/api.ts'
import { CliError } from '../../output/terminal.ts'
import { passes } from '../../series/send-once.ts'
import { wasShed } from '../reach.ts'
import type { Reach } from '../reach.ts'
import { shownGeneration } from '../views/shapes.ts'
import type { ShownGeneration } from '../views/shapes.ts'

/** What became of a create. `lost`: nobody knows whether the gateway has stored it. */
export type Sent =
  { kind: 'accepted'; generation: ShownGeneration } | { kind: 'refused' | 'lost'; error: Error }

const mostTries = 4
const pauseMs = 500
const jsonMs = 60_000
const filesMs = 600_000

/** No connection was made, or it was not trusted, so that no byte of the request has left. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/**
 * `POST /generate`. Repeated with the same idempotency key, so that the gateway stores it once however often it arrives.
 * The caller cannot cancel it: that would leave unknown whether it is paid for. `shedMs`: how long it is repeated while the
 * gateway sheds load.
 */
export async function sendCreate(
  reach: Reach,
  body: object,
  key: string,
  { shedMs = 20_000 }: { shedMs?: number } = {},
): Promise<Sent> {
  const ms = body instanceof FormData ? filesMs : jsonMs
  const headers = { 'idempotency-key': key }
  const until = Date.now() + shedMs
  let isUncertain = false
  for (let tries = 0; ;) {
    try {
      const generation = await reach.within({ ms }, (api) =>
        api.call('POST', '/generate', shownGeneration, { body, headers }),
      )
      return { kind: 'accepted', generation }
    } catch (error) {
      isUncertain ||= mayBeStored(error)
      if (!wasShed(error)) tries += 1
      const isFinal = wasShed(error) ? Date.now() >= until : tries === mostTries || !mayChange(error)
      if (isFinal) return { kind: isUncertain ? 'lost' : 'refused', error: asError(error) }
    }
    await pause(pauseMs)
  }
}

/** Whether the same request may get another answer in a second. */
function mayChange(error: unknown): boolean {
  if (error instanceof RefusedError) return passes(error)
  return error instanceof CliError
}

/** Whether the gateway may have stored the request although it answered this. */
function mayBeStored(error: unknown): boolean {
  if (error instanceof RefusedError) return passes(error) && !wasShed(error)
  return !wasNeverSent(error)
}

function wasNeverSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1)
    if ('code' in cause && typeof cause.code === 'string' && neverSent.has(cause.code)) return true
  return false
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
