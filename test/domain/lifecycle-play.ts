import * as fc from 'fast-check'
import type { GenerationEvent } from '../../src/gateway/domain/generation/event.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { LogEntry } from '../../src/gateway/domain/generation/history.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import type { Step } from '../../src/gateway/domain/scheduling/next-step.ts'
import type {
  CancelOutcome,
  CreateOutcome,
  Job,
  JobReport,
} from '../../src/gateway/domain/attempts/outcome.ts'
import {
  nextArchiveAt,
  nextPollAt,
  nextReconcileAt,
} from '../../src/gateway/domain/scheduling/poll-pacing.ts'
import type { RoutingPolicy } from '../../src/gateway/domain/generation/request.ts'
import type { AttemptId } from '../../src/gateway/domain/ids.ts'
import type { Resolution } from '../../src/gateway/domain/attempts/resolution.ts'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import {
  accepted,
  aGeneration,
  aNewAttempt,
  aVideo,
  deepFreeze,
  HOLD_MS,
  PROMPT_MARK,
  SECOND,
  STALL_MS,
  T0,
  vendorAccount,
  WATCH_MS,
} from './builders.ts'

/** What happens next: time passes, then the due step gets one of these results, or an unexpected event arrives. */
export interface Move {
  waitMs: number
  /** Null plays the due step. Otherwise an event of this type arrives, whether or not it fits. */
  stray: GenerationEvent['type'] | null
  /** The attempt of an unexpected event, counted from the last. */
  back: number
  create: CreateOutcome
  report: JobReport
  cancel: CancelOutcome
  start: 'attempt' | 'wait' | 'none'
  bind: 'ready' | 'wait' | 'never_sent' | 'refused' | 'character_invalid'
  find: 'found' | 'not listed' | 'absent' | 'cannot list'
  archive: 'archived' | 'delayed' | 'gone'
  /** Whether the process dies between the create and its response. */
  dies: boolean
  chargedOn: 'success' | 'create'
}

const message = 'vendor text'

/** Weighted choice. Events that end a generation must be rare, or nothing else would happen before. */
function weighted<T>(...choices: Array<[weight: number, value: T]>): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))
}

const create = weighted<CreateOutcome>(
  [8, accepted()],
  [6, { type: 'unknown', message }],
  [4, { type: 'character_invalid', message }],
  [3, { type: 'never_sent', message, retryAfterMs: null }],
  [3, { type: 'rejected', message, retryAfterMs: 3000 }],
  [2, { type: 'upstream_down', message, retryAfterMs: null }],
  [1, { type: 'invalid', message, elsewhere: true }],
  [1, { type: 'invalid', message, elsewhere: false }],
  [1, { type: 'refused', message }],
)
const jobs = fc.record({
  type: fc.constant('running' as const),
  status: fc.constantFrom('queued', 'in_progress', 'in_progress', 'rendering'),
  progress: fc.option(fc.integer({ min: -10, max: 120 })),
  retryAfterMs: fc.constantFrom(null, 3000),
})
const report = fc.oneof(
  { weight: 10, arbitrary: jobs },
  {
    weight: 12,
    arbitrary: weighted<JobReport>(
      [2, { type: 'completed', result: { url: '/x' }, model: null }],
      [2, { type: 'failed', message, retryable: true }],
      [1, { type: 'failed', message, retryable: false }],
      [1, { type: 'refused', message }],
      [5, { type: 'not_found', message }],
      [1, { type: 'unreadable', message }],
      [1, { type: 'unreachable', message, retryAfterMs: null }],
    ),
  },
)
const cancel = weighted<CancelOutcome>(
  [1, { type: 'cancelled' }],
  [1, { type: 'unsupported' }],
  [1, { type: 'not_cancelled', message }],
)
const strays = weighted<GenerationEvent['type']>(
  [8, 'attempt_started'],
  [4, 'candidate_awaited'],
  [1, 'no_candidate'],
  [4, 'binding_awaited'],
  [4, 'binding_failed'],
  [4, 'submitting'],
  [8, 'create_ended'],
  [8, 'job_reported'],
  [4, 'poll_awaited'],
  [4, 'job_found'],
  [4, 'resolved_taken'],
  [4, 'resolved_not_taken'],
  [4, 'charge_resolved'],
  [4, 'resubmitted'],
  [4, 'watched'],
  [4, 'job_not_found_yet'],
  [8, 'poll_requested'],
  [4, 'archived'],
  [4, 'archive_delayed'],
  [6, 'step_failed'],
  [2, 'archive_failed'],
  [1, 'cancel_requested'],
  [4, 'cancel_asked'],
  [8, 'cancel_answered'],
  [1, 'deadline_reached'],
  [1, 'starts_closed'],
  [2, 'restore_held'],
  [2, 'restore_released'],
  [2, 'video_expired'],
)

/** Random moves. `stray`: the percentage of unexpected events. `onlyCancels`: limits those to what a caller can do. */
export function moves(stray: number, onlyCancels = false): fc.Arbitrary<Move[]> {
  const move: fc.Arbitrary<Move> = fc.record({
    waitMs: weighted([12, 0], [2, 1], [4, SECOND], [4, 60 * SECOND], [2, STALL_MS], [1, HOLD_MS]),
    stray: fc.oneof(
      { weight: 100 - stray, arbitrary: fc.constant(null) },
      { weight: stray, arbitrary: onlyCancels ? fc.constant('cancel_requested' as const) : strays },
    ),
    back: fc.constantFrom(0, 0, 0, 1, 2),
    create,
    report,
    cancel,
    start: weighted([20, 'attempt'], [6, 'wait'], [1, 'none']),
    bind: weighted([20, 'ready'], [4, 'wait'], [3, 'never_sent'], [1, 'refused'], [2, 'character_invalid']),
    find: fc.constantFrom('found', 'not listed', 'absent', 'cannot list'),
    archive: weighted([4, 'archived'], [4, 'delayed'], [1, 'gone']),
    dies: fc.constantFrom(false, false, false, true),
    chargedOn: fc.constantFrom('success', 'create'),
  })
  return fc.array(move, { minLength: 1, maxLength: 40, size: 'max' })
}

export const routings = fc.record<Partial<RoutingPolicy>>({
  onUnknown: fc.constantFrom('fail', 'fallback'),
  fallback: fc.constantFrom(true, true, true, false),
  deadlineMs: fc.constantFrom(700 * SECOND, 1800 * SECOND, 7200 * SECOND),
})

/** One transition. All invariants are checked on these. */
export interface Seen {
  before: Generation
  event: GenerationEvent
  after: Generation
  entries: LogEntry[]
}

export interface Play {
  generation: Generation
  now: number
  readonly seen: Seen[]
}

const spec = { poll: { firstAfterMs: 20 * SECOND, everyMs: 5 * SECOND } }

export function newPlay(routing: Partial<RoutingPolicy>): Play {
  return { generation: deepFreeze(aGeneration(routing)), now: T0, seen: [] }
}

/** Applies an event to a frozen generation, so that a transition that changes its input throws. */
function apply(play: Play, event: GenerationEvent): void {
  const before = play.generation
  deepFreeze(event)
  const { generation: after, entries } = transition(before, event)
  play.generation = deepFreeze(after)
  play.seen.push({ before, event, after, entries })
}

/** Plays one move; returns false if nothing will ever be due again and no event arrives. */
export function playMove(play: Play, move: Move): boolean {
  play.now += move.waitMs
  if (move.stray !== null) {
    const event = strayEvent(play, move, move.stray)
    if (event !== null) apply(play, event)
    return true
  }
  const { dueAt } = play.generation
  if (dueAt === null) return false
  play.now = Math.max(play.now, dueAt)
  const step = nextStep(play.generation, play.now)
  if (step === null) throw new Error(`due at ${dueAt - T0}, and nothing to do at ${play.now - T0}`)
  playStep(play, move, step)
  return true
}

function playStep(play: Play, move: Move, step: Step): void {
  const { now: at } = play
  switch (step.type) {
    case 'expire':
      return apply(play, { type: 'deadline_reached', at })
    case 'close':
      return apply(play, { type: 'starts_closed', at })
    case 'start':
      return apply(play, startEvent(play, move))
    case 'submit':
      return submit(play, move, step.attempt.id)
    case 'recover':
      return apply(play, createEnded(at, step.attempt.id, { type: 'unknown', message }))
    case 'reconcile':
    case 'watch':
    case 'poll':
    case 'cancel':
    case 'archive':
      return apply(play, answerTo(play, move, step))
  }
}

function startEvent({ generation, now: at }: Play, { start, chargedOn }: Move): GenerationEvent {
  if (start === 'wait') return { type: 'candidate_awaited', at, until: at + 30 * SECOND }
  if (start === 'none') return { type: 'no_candidate', at, error: { code: 'no_upstream', message } }
  const attempt = aNewAttempt(generation.attempts.length + 1, { chargedOn, fidelity: 'native' })
  return { type: 'attempt_started', at, attempt, warnings: [] }
}

function submit(play: Play, move: Move, id: AttemptId): void {
  const { now: at } = play
  if (move.bind === 'wait') {
    return apply(play, { type: 'binding_awaited', at, attemptId: id, until: at + 500 })
  }
  if (move.bind !== 'ready') {
    const failure = { code: move.bind, message, fallback: move.bind !== 'refused', retryAfterMs: null }
    return apply(play, { type: 'binding_failed', at, attemptId: id, failure })
  }
  apply(play, { type: 'submitting', at, attemptId: id, to: vendorAccount, prompt: PROMPT_MARK, warnings: [] })
  if (!move.dies) apply(play, createEnded(at, id, move.create))
}

function createEnded(at: number, id: AttemptId, outcome: CreateOutcome): GenerationEvent {
  const nextAt = at + (outcome.type === 'accepted' ? spec.poll.firstAfterMs : 2 * SECOND)
  return { type: 'create_ended', at, attemptId: id, outcome, nextAt, holdUntil: at + HOLD_MS }
}

function answerTo(
  { generation, now: at }: Play,
  move: Move,
  { type, attempt }: Extract<Step, { type: 'reconcile' | 'watch' | 'poll' | 'cancel' | 'archive' }>,
): GenerationEvent {
  const { id } = attempt
  switch (type) {
    case 'reconcile': {
      if (move.find === 'found') {
        const job = { upstreamId: 'found', operation: 'found', model: null }
        return { type: 'job_found', at, attemptId: id, job, nextAt: at }
      }
      const holding = attempt.holdUntil !== null && attempt.holdUntil > at
      const none = holding ? attempt.holdUntil : null
      const nextAt =
        move.find === 'cannot list'
          ? none
          : nextReconcileAt(generation, attempt, { now: at, watchMs: WATCH_MS })
      const absent = move.find === 'absent'
      return { type: 'job_not_found_yet', at, attemptId: id, absent, askedAt: at, nextAt }
    }
    case 'poll': {
      const nextAt = nextPollAt(move.report, { spec, generation, attempt, now: at, watchMs: WATCH_MS })
      return { type: 'job_reported', at, attemptId: id, report: move.report, askedAt: at, nextAt }
    }
    case 'cancel':
      return { type: 'cancel_asked', at, attemptId: id }
    case 'watch': {
      const nextAt = nextReconcileAt(generation, attempt, { now: at, watchMs: WATCH_MS })
      return { type: 'watched', at, attemptId: id, job: foundBy(move), nextAt }
    }
    case 'archive': {
      if (move.archive === 'archived') return { type: 'archived', at, attemptId: id, video: aVideo() }
      const gone = move.archive === 'gone'
      const nextAt = nextArchiveAt(attempt, { gone, full: false, retryAfterMs: null }, at)
      return nextAt === null
        ? { type: 'archive_failed', at, attemptId: id, message }
        : { type: 'archive_delayed', at, attemptId: id, message, gone, full: false, nextAt }
    }
  }
}

function foundBy({ find }: Move): Job | null {
  return find === 'found' ? { upstreamId: 'found', operation: 'found', model: null } : null
}

function aResolution(at: number, verdict: Resolution['verdict']): Resolution {
  return { id: 'aud_1', verdict, by: 'operator', at, note: 'seen', contradiction: null }
}

/** An event from an outdated view of the generation; null if there is no attempt that it could be about. */
function strayEvent(play: Play, move: Move, type: GenerationEvent['type']): GenerationEvent | null {
  const { generation, now: at } = play
  if (type === 'attempt_started') return startEvent(play, { ...move, start: 'attempt' })
  if (type === 'candidate_awaited') return startEvent(play, { ...move, start: 'wait' })
  if (type === 'no_candidate') return startEvent(play, { ...move, start: 'none' })
  if (
    type === 'cancel_requested' ||
    type === 'key_revoked' ||
    type === 'starts_closed' ||
    type === 'deadline_reached' ||
    type === 'video_expired' ||
    type === 'create_repeated' ||
    type === 'restore_released'
  )
    return { type, at }
  if (type === 'clock_set_back') {
    const byMs = 3_600_000
    play.now -= byMs
    return { type, at: play.now, byMs }
  }
  if (type === 'restore_held') return { type, at, attemptId: null, since: at, until: at + 5 * SECOND }
  if (type === 'set_aside') return { type, at, until: at + 600_000 }
  // Only a person can continue after this.
  if (type === 'restore_suspected') return null
  const attempt = generation.attempts.at(-1 - move.back)
  return attempt === undefined ? null : strayAnswer(at, move, type, attempt.id)
}

type AboutAnAttempt = Exclude<
  Extract<GenerationEvent, { attemptId: unknown }>['type'],
  'restore_held' | 'restore_suspected'
>

function strayAnswer(at: number, move: Move, type: AboutAnAttempt, id: AttemptId): GenerationEvent {
  const about = { at, attemptId: id }
  const nextAt = at + 5 * SECOND
  switch (type) {
    case 'binding_awaited':
    case 'poll_awaited':
      return { type, ...about, until: nextAt }
    case 'binding_failed':
      return { type, ...about, failure: { code: 'never_sent', message, fallback: true, retryAfterMs: null } }
    case 'submitting':
      return { type, ...about, to: vendorAccount, prompt: PROMPT_MARK, warnings: [] }
    case 'create_ended':
      return createEnded(at, id, move.create)
    case 'job_reported':
      return { type, ...about, report: move.report, askedAt: at - move.waitMs, nextAt }
    case 'job_found':
      return { type, ...about, job: { upstreamId: 'found', operation: null, model: null }, nextAt }
    case 'job_not_found_yet':
      return { type, ...about, absent: move.find === 'absent', askedAt: at - move.waitMs, nextAt }
    case 'archived':
      return { type, ...about, video: aVideo() }
    case 'archive_delayed':
      return { type, ...about, message, gone: move.archive === 'gone', full: false, nextAt }
    case 'archive_failed':
      return { type, ...about, message }
    case 'step_failed': {
      const last = move.waitMs > 60 * SECOND
      return { type, ...about, code: 'step_failed', message, nextAt: last ? null : nextAt }
    }
    case 'resolved_taken':
      return {
        type,
        ...about,
        resolution: aResolution(at, 'taken'),
        job: { upstreamId: 'named', operation: 'named', model: null },
        nextAt,
      }
    case 'resolved_not_taken': {
      const costMicros = move.chargedOn === 'create' ? 120_000 : 0
      return { type, ...about, resolution: aResolution(at, 'not_taken'), costMicros, watchAt: nextAt }
    }
    case 'charge_resolved': {
      const costMicros = move.chargedOn === 'create' ? null : 0
      const verdict = costMicros === null ? 'charged' : 'not_charged'
      return { type, ...about, resolution: aResolution(at, verdict), costMicros }
    }
    case 'resubmitted':
      return { type, ...about, resubmission: { id: 'aud_2', by: 'operator', at } }
    case 'watched':
      return { type, ...about, job: foundBy(move), nextAt }
    case 'poll_requested':
    case 'cancel_asked':
      return { type, ...about }
    case 'cancel_answered':
      return { type, ...about, outcome: move.cancel, nextAt }
  }
}
