import type { CharacterOutcome, CreateOutcome, JobReport } from '../../domain/attempts/outcome.ts'
import type { Operation } from '../../domain/routing/upstream.ts'
import type { VideoFetch } from '../../ports/upstream.ts'
import type { BareUpstream } from '../calls/http-upstream.ts'
import type { Health } from './breaker.ts'

type Methods = Required<BareUpstream>

/** The methods of an upstream that call the vendor. */
export type UpstreamMethod = {
  [M in keyof Methods]: Methods[M] extends (...args: never[]) => Promise<unknown> ? M : never
}[keyof Methods]

/** The breaker of a call, what its outcome says about the upstream, and its outcome while the breaker is open. */
export interface Guard<T> {
  operation: Operation
  healthOf: (outcome: T) => Health
  whenOpen: (refusal: Refusal) => T
}

export interface Refusal {
  message: string
  /** Milliseconds until the next probe; null while one is running. */
  retryAfterMs: number | null
}

/**
 * Whether an outcome shows that the upstream works. Verdicts on a request (refused, invalid, unknown character) say
 * nothing, and must not close a half-open breaker either.
 */
const createHealth: Record<CreateOutcome['type'], Health> = {
  accepted: 'ok',
  never_sent: 'failing',
  rejected: 'failing',
  upstream_down: 'failing',
  unknown: 'failing',
  refused: 'neutral',
  invalid: 'neutral',
  character_invalid: 'neutral',
}

/**
 * A removed model is tracked separately, because the upstream still works for its other models. What the gateway itself
 * held back says nothing about the upstream.
 */
function createHealthOf(outcome: CreateOutcome): Health {
  const isHeldBack = outcome.type === 'never_sent' && outcome.heldBack === true
  return isHeldBack || (outcome.type === 'upstream_down' && outcome.modelGone === true)
    ? 'neutral'
    : createHealth[outcome.type]
}

/** Any readable response about a job is a successful poll, even if the job is lost or failed. */
const pollHealth: Record<JobReport['type'], Health> = {
  running: 'ok',
  completed: 'ok',
  failed: 'ok',
  refused: 'ok',
  not_found: 'ok',
  unreadable: 'failing',
  unreachable: 'failing',
}

/** One unreadable job is not an outage: its polls must not block the polls of all other jobs. */
function pollHealthOf(report: JobReport): Health {
  return 'aboutJob' in report && report.aboutJob ? 'neutral' : pollHealth[report.type]
}

const fetchHealth: Record<VideoFetch['type'], Health> = {
  body: 'ok',
  unavailable: 'failing',
  not_media: 'failing',
  not_ready: 'neutral',
  gone: 'neutral',
}

const characterHealth: Record<CharacterOutcome['type'], Health> = {
  ready: 'ok',
  pending: 'ok',
  never_sent: 'failing',
  rejected: 'failing',
  upstream_down: 'failing',
  unknown: 'failing',
  refused: 'neutral',
  invalid: 'neutral',
}

const neverSent = (refusal: Refusal) => ({ type: 'never_sent', ...refusal }) as const

/** Lists every call of an upstream. A new method of the port does not compile until it has a breaker here. */
export const guards = {
  create: { operation: 'create', healthOf: createHealthOf, whenOpen: neverSent },
  poll: {
    operation: 'poll',
    healthOf: pollHealthOf,
    whenOpen: (refusal) => ({ type: 'unreachable', ...refusal }),
  },
  fetchVideo: {
    operation: 'fetch',
    healthOf: ({ type }) => fetchHealth[type],
    whenOpen: (refusal) => ({ type: 'unavailable', ...refusal }),
  },
  createCharacter: {
    operation: 'character',
    healthOf: ({ type }) => characterHealth[type],
    whenOpen: neverSent,
  },
  pollCharacter: {
    operation: 'poll',
    healthOf: ({ type }) => characterHealth[type],
    whenOpen: neverSent,
  },
  /** Sent once, at the request of a caller, and may save the price of a job, so an open breaker does not block it. */
  cancel: 'unguarded',
  /** Finds the job of a create whose response was lost, often while creates fail and their breaker is open. */
  listRecent: 'unguarded',
  /**
   * Asks how the upstream is, whatever the breakers say. It says nothing about creates, polls and downloads, so that it
   * neither opens their breakers nor closes them.
   */
  probe: 'unguarded',
} as const satisfies { [M in UpstreamMethod]: Guard<Awaited<ReturnType<Methods[M]>>> | 'unguarded' }
