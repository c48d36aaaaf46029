import t from 'tap'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import {
  applicableStates,
  attemptPhases,
} from '../../src/gateway/domain/attempts/transitions/applicable-states.ts'
import type {
  AttemptEvent,
  AttemptEventType,
  AttemptPhase,
} from '../../src/gateway/domain/attempts/transitions/applicable-states.ts'
import type { Resolution } from '../../src/gateway/domain/attempts/resolution.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import {
  aFailure,
  aGeneration,
  anAttempt,
  attemptId,
  aVideo,
  completed,
  deepFreeze,
  SECOND,
  T0,
  unknown,
  vendorAccount,
} from './builders.ts'

const at = T0 + SECOND
const nextAt = T0 + 60 * SECOND
const job = { upstreamId: 'job-2', operation: { id: 'job-2' }, model: null }
const about = { at, attemptId: attemptId(1) }
const denied: Resolution = {
  id: 'aud_1',
  verdict: 'not_taken',
  by: 'ops',
  at,
  note: 'asked the vendor',
  contradiction: null,
}

/** One event of each type that would change something. */
const events: { [Type in AttemptEventType]: Extract<AttemptEvent, { type: Type }> } = {
  binding_awaited: { ...about, type: 'binding_awaited', until: nextAt },
  binding_failed: { ...about, type: 'binding_failed', failure: aFailure('character_invalid') },
  submitting: { ...about, type: 'submitting', to: vendorAccount, prompt: 'rendered', warnings: [] },
  restore_suspected: {
    ...about,
    type: 'restore_suspected',
    to: vendorAccount,
    prompt: 'rendered',
    jobId: 'job-2',
  },
  create_ended: {
    ...about,
    type: 'create_ended',
    outcome: { type: 'accepted', job },
    nextAt,
    holdUntil: nextAt,
  },
  job_found: { ...about, type: 'job_found', job, nextAt },
  job_not_found_yet: { ...about, type: 'job_not_found_yet', absent: false, askedAt: at, nextAt },
  resolved_taken: {
    ...about,
    type: 'resolved_taken',
    resolution: { ...denied, verdict: 'taken' },
    job,
    nextAt,
  },
  resolved_not_taken: {
    ...about,
    type: 'resolved_not_taken',
    resolution: denied,
    costMicros: 0,
    watchAt: nextAt,
  },
  charge_resolved: {
    ...about,
    type: 'charge_resolved',
    resolution: { ...denied, verdict: 'charged' },
    costMicros: null,
  },
  resubmitted: { ...about, type: 'resubmitted', resubmission: { id: 'aud_2', by: 'ops', at } },
  watched: { ...about, type: 'watched', job, nextAt },
  poll_awaited: { ...about, type: 'poll_awaited', until: nextAt },
  job_reported: { ...about, type: 'job_reported', report: completed, askedAt: at, nextAt },
  poll_requested: { ...about, type: 'poll_requested' },
  archived: { ...about, type: 'archived', video: aVideo() },
  archive_delayed: {
    ...about,
    type: 'archive_delayed',
    message: 'timeout',
    gone: false,
    full: false,
    nextAt,
  },
  archive_failed: { ...about, type: 'archive_failed', message: 'it is gone' },
  cancel_asked: { ...about, type: 'cancel_asked' },
  cancel_answered: { ...about, type: 'cancel_answered', outcome: { type: 'cancelled' }, nextAt },
  step_failed: { ...about, type: 'step_failed', code: 'step_failed', message: 'EACCES', nextAt },
}

const lastError = { code: 'step_failed', message: 'EACCES', at: T0, tries: 1 } as const

/** In progress, with one attempt in this phase; one that has ended was paid without a video. */
function generationIn(phase: AttemptPhase): Generation {
  const paid = { endedAt: T0, dueAt: null, costState: 'settled', costMicros: 120_000 } as const
  const ended = { ...paid, failure: aFailure('job_failed') }
  const attempt =
    phase === 'watched'
      ? anAttempt({ ...ended, state: 'failed', resolution: denied })
      : anAttempt({
          state: phase,
          lastError,
          ...(phase === 'failed' && ended),
          ...(phase === 'succeeded' && paid),
        })
  return aGeneration({}, { status: 'in_progress', attempts: [attempt], nextAttemptAt: null })
}

t.test(
  'an event changes something exactly in those states of its attempt that the table names',
  async (t) => {
    for (const event of Object.values(events)) {
      const phases: readonly AttemptPhase[] = applicableStates[event.type]
      for (const phase of attemptPhases) {
        const generation = deepFreeze(generationIn(phase))
        const untouched = transition(generation, { type: 'restore_released', at })
        const told = transition(generation, event)
        const isChanged = JSON.stringify(told) !== JSON.stringify(untouched)
        t.equal(isChanged, phases.includes(phase), `${event.type} in ${phase}`)
      }
    }
  },
)

t.test('a create whose answer is lost becomes unknown once', async (t) => {
  const event = { ...events.create_ended, outcome: unknown }
  const once = transition(generationIn('submitting'), event)
  t.equal(once.generation.attempts[0]?.state, 'unknown')
  t.same(transition(once.generation, { ...event, at: at + 1 }).generation, once.generation)
})

t.test('an event about an attempt that does not exist is a fault of the caller', async (t) => {
  const generation = aGeneration()
  for (const event of Object.values(events))
    t.throws(() => transition(generation, event), /has no attempt/, event.type)
})
