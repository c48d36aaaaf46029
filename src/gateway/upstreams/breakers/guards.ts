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

/** The breaker that a call passes, what its outcome says about the upstream, and its outcome while the breaker is open. */
export interface Guard<T> {
  operation: Operation
  healthOf: (outcome: T) => Health
  whenOpen: (refusal: Refusal) => T
}

export interface Refusal {
  message: string
  /** Milliseconds until the next probe; null while one is under way. */
  retryAfterMs: number | null
}

/**
 * What an outcome says about the upstream: whether it does what it is there for. Verdicts on a request (refused, invalid, a
 * character it does not know) say nothing and must not close a half-open breaker either.
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

/** A model that is gone is kept in its own book: the upstream does what it is there for, for its other models. */
function createHealthOf(outcome: CreateOutcome): Health {
  return outcome.type === 'upstream_down' && outcome.modelGone === true
    ? 'neutral'
    : createHealth[outcome.type]
}

/** Any readable answer about a job is a good poll, one that says the job is lost or failed included. */
const pollHealth: Record<JobReport['type'], Health> = {
  running: 'ok',
  completed: 'ok',
  failed: 'ok',
  refused: 'ok',
  not_found: 'ok',
  unreadable: 'failing',
  unreachable: 'failing',
}

/** One job that cannot be read is no outage: its polls must not keep those of all other jobs from being made. */
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

/** Every call of an upstream is listed here: a new method of the port does not compile until it says which breaker it passes. */
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
  /** Asked for once, by a caller, and may save the price of a job: an open breaker does not keep it from being sent. */
  cancel: 'unguarded',
  /** Finds the job of a create whose answer was lost, often just when creates fail and their breaker is open. */
  listRecent: 'unguarded',
} as const satisfies { [M in UpstreamMethod]: Guard<Awaited<ReturnType<Methods[M]>>> | 'unguarded' }
