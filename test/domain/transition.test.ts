import t from 'tap'
import type {
  Failure,
  FailureCode,
  GenerationErrorCode,
} from '../../src/gateway/domain/generation/failure.ts'
import type { AttemptState } from '../../src/gateway/domain/generation/generation.ts'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import {
  accepted,
  aFailure,
  aGeneration,
  aNewAttempt,
  aStory,
  ATTEMPT_MS,
  attemptId,
  aVideo,
  completed,
  DEADLINE_MS,
  PROMPT_MARK,
  SECOND,
  storyIn,
  T0,
  unknown,
} from './builders.ts'
import type { Story } from './builders.ts'
import { fallback, archive } from './transition-events.ts'

t.test('a queued generation starts with its first attempt and reserves its money', async (t) => {
  const story = aStory()
  const warnings = [{ code: 'duration_adjusted' as const, detail: '12 s' }]
  story.tell({ type: 'attempt_started', attempt: aNewAttempt(1), warnings })
  t.match(story.generation, { status: 'in_progress', nextAttemptAt: null, warnings, dueAt: T0 })
  t.match(story.attempt(1), {
    state: 'binding',
    costState: 'reserved',
    reservedMicros: 120_000,
    costMicros: 0,
    startedAt: T0,
    deadlineAt: T0 + ATTEMPT_MS,
  })
  t.same(story.types(), ['attempt.started', 'generation.warning'])
})

t.test('a second attempt is not opened beside the first', async (t) => {
  const story = storyIn('running')
  const before = story.generation
  story.start(2)
  t.same(story.generation, before)
})

t.test(
  'the create may leave only once it is stored as submitting, with the prompt it leaves with',
  async (t) => {
    const story = storyIn('submitting')
    t.match(story.attempt(1), { state: 'submitting', prompt: `rendered: ${PROMPT_MARK}`, submittedAt: T0 })
    t.equal(story.types().at(-1), 'attempt.submitting')
    t.match(nextStep(story.generation, T0), { type: 'recover' }, 'found so, its answer is lost')
  },
)

t.test('an attempt that waits for its characters stays where it is until then', async (t) => {
  const story = storyIn('binding')
  const entries = story.tell({ type: 'binding_awaited', attemptId: attemptId(1), until: T0 + 500 })
  t.same(entries, [])
  t.match(story.attempt(1), { state: 'binding', dueAt: T0 + 500 })
  t.equal(story.generation.dueAt, T0 + 500)
})

t.test('what the answer to a create means', async (t) => {
  const hint = { message: 'vendor text', retryAfterMs: 7000 }
  const rows: Array<{
    outcome: CreateOutcome
    state: AttemptState
    failure: FailureCode | null
    verdict: 'goes on' | 'next candidate' | GenerationErrorCode
  }> = [
    { outcome: accepted(), state: 'running', failure: null, verdict: 'goes on' },
    {
      outcome: { type: 'never_sent', ...hint },
      state: 'failed',
      failure: 'never_sent',
      verdict: 'next candidate',
    },
    {
      outcome: { type: 'rejected', ...hint },
      state: 'failed',
      failure: 'overloaded',
      verdict: 'next candidate',
    },
    {
      outcome: { type: 'upstream_down', ...hint },
      state: 'failed',
      failure: 'upstream_down',
      verdict: 'next candidate',
    },
    {
      outcome: { type: 'refused', message: 'vendor text' },
      state: 'failed',
      failure: 'refused',
      verdict: 'content_refused',
    },
    {
      outcome: { type: 'invalid', message: 'vendor text', elsewhere: false },
      state: 'failed',
      failure: 'invalid',
      verdict: 'invalid_request',
    },
    {
      outcome: { type: 'invalid', message: 'vendor text', elsewhere: true },
      state: 'failed',
      failure: 'invalid',
      verdict: 'next candidate',
    },
    {
      outcome: { type: 'character_invalid', message: 'vendor text' },
      state: 'failed',
      failure: 'character_invalid',
      verdict: 'next candidate',
    },
    { outcome: unknown, state: 'unknown', failure: 'outcome_unknown', verdict: 'goes on' },
  ]
  for (const chargedOn of ['success', 'create'] as const) {
    for (const { outcome, state, failure, verdict } of rows) {
      t.test(`${outcome.type} → ${verdict}, charged on ${chargedOn}`, async (t) => {
        const story = storyIn('submitting', {}, { chargedOn })
        story.now += SECOND
        story.answer(1, outcome)
        const { generation } = story
        const attempt = story.attempt(1)
        t.equal(attempt.state, state)
        t.equal(attempt.failure?.code ?? null, failure)
        if (state === 'failed') {
          t.match(attempt, { costState: 'settled', costMicros: 0, endedAt: story.now, dueAt: null })
          t.equal(attempt.failure?.message, 'vendor text')
          t.equal(attempt.failure?.retryAfterMs, 'retryAfterMs' in outcome ? 7000 : null)
        } else {
          t.match(attempt, { costState: 'reserved', costMicros: 0, endedAt: null })
        }
        const next = generation.nextAttemptAt
        if (verdict === 'goes on') t.match([generation.status, next], ['in_progress', null])
        else if (verdict === 'next candidate') t.match([generation.status, next], ['in_progress', story.now])
        else t.match([generation.status, next, generation.error?.code], ['failed', null, verdict])
      })
    }
  }
})

t.test(
  'an accepted job is kept with everything needed to ask about it, and is first polled when said',
  async (t) => {
    const story = storyIn('submitting')
    story.answer(1, accepted('task-9', 'sora-2-2025-12-08'))
    t.match(story.attempt(1), {
      upstreamId: 'task-9',
      operation: { id: 'task-9' },
      upstreamModel: 'sora-2-2025-12-08',
      acceptedAt: T0,
      dueAt: T0 + 2 * SECOND,
    })
    t.match(story.entries.at(-1), { type: 'attempt.accepted', data: { upstream_id: 'task-9' } })
  },
)

t.test('a dated snapshot is the model that was asked for; another model is told', async (t) => {
  const rows: Array<[asked: string, said: string | null, told: boolean]> = [
    ['sora-2', null, false],
    ['sora-2', 'sora-2', false],
    ['sora-2', 'sora-2-2025-12-08', false],
    ['sora-2-pro', 'sora-2-pro-2025-10-06', false],
    ['veo-3', 'veo-3@20260101', false],
    ['sora-2', 'kling-2.6', true],
    ['veo-3', 'veo-3-fast', true],
    ['sora-2', 'sora-2-pro', true],
    ['sora-2-pro', 'sora-2', true],
    ['sora-2', 'sora-20', true],
  ]
  for (const [model, said, told] of rows) {
    const atCreate = storyIn('submitting', {}, { model })
    atCreate.answer(1, accepted('job-1', said))
    t.equal(atCreate.generation.warnings.length, told ? 1 : 0, `${model} accepted as ${said}`)
    const atEnd = storyIn('running', {}, { model })
    atEnd.report(1, { ...completed, model: said })
    t.equal(atEnd.generation.warnings.length, told ? 1 : 0, `${model} completed as ${said}`)
    if (told) t.match(atEnd.generation.warnings, [{ code: 'model_substituted', detail: `${said}` }])
  }
})

t.test('another model is told once, however often the upstream says it', async (t) => {
  const story = storyIn('submitting')
  story.answer(1, accepted('job-1', 'kling-2.6'))
  story.report(1, { ...completed, model: 'kling-2.6' })
  t.equal(story.generation.warnings.length, 1)
})

t.test('a refusal ends everything: no other upstream is asked, and none can be', async (t) => {
  const refusals: Array<[string, (story: Story) => void]> = [
    ['at the create', (story) => story.answer(1, { type: 'refused', message: 'a face' })],
    [
      'of the finished video',
      (story) => {
        story.answer(1, accepted())
        story.report(1, { type: 'refused', message: 'a face' })
      },
    ],
    [
      'after the outcome was unknown',
      (story) => {
        story.answer(1, unknown)
        story.answer(1, { type: 'refused', message: 'a face' })
      },
    ],
  ]
  for (const [when, refuse] of refusals) {
    for (const routing of [{}, fallback]) {
      const story = storyIn('submitting', routing)
      refuse(story)
      t.match(story.generation, {
        status: 'failed',
        error: { code: 'content_refused', message: 'a face' },
        nextAttemptAt: null,
        dueAt: null,
      })
      const ended = story.generation
      story.start(2)
      story.tell({ type: 'candidate_awaited', until: T0 + SECOND })
      story.tell({ type: 'no_candidate', error: { code: 'no_upstream', message: 'none' } })
      story.tell({ type: 'cancel_requested' })
      story.tell({ type: 'deadline_reached' })
      t.same(story.generation, ended, when)
    }
  }
})

t.test('a character that the upstream refuses to learn is a refusal too', async (t) => {
  const story = storyIn('binding')
  const failure = aFailure('refused', { fallback: false })
  story.tell({ type: 'binding_failed', attemptId: attemptId(1), failure })
  t.match(story.generation, { status: 'failed', error: { code: 'content_refused' }, nextAttemptAt: null })
  t.match(story.attempt(1), { costState: 'settled', costMicros: 0 })
})

t.test('a binding that failed goes to the next candidate where its failure says so', async (t) => {
  const rows: Array<[Failure, GenerationErrorCode | null]> = [
    [aFailure('never_sent'), null],
    [aFailure('overloaded'), null],
    [aFailure('upstream_down'), null],
    [aFailure('character_invalid'), null],
    [aFailure('character_invalid', { fallback: false }), 'character_unavailable'],
    [aFailure('invalid', { fallback: false }), 'invalid_request'],
  ]
  for (const [failure, error] of rows) {
    const story = storyIn('binding')
    story.tell({ type: 'binding_failed', attemptId: attemptId(1), failure })
    t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: 0 })
    t.equal(story.generation.error?.code ?? null, error)
    t.equal(story.generation.nextAttemptAt, error === null ? T0 : null)
  }
})

t.test('an invalid character is made again once, then the next candidate is asked', async (t) => {
  const gone: CreateOutcome = { type: 'character_invalid', message: 'gone' }
  const story = storyIn('submitting', {}, { fidelity: 'native' })
  story.answer(1, gone)
  t.match(story.attempt(1), { state: 'binding', rebound: true, costState: 'reserved', dueAt: T0 })
  t.equal(story.types().at(-1), 'attempt.rebinding')
  story.submit(1)
  story.answer(1, gone)
  t.match(story.attempt(1), { state: 'failed', failure: { code: 'character_invalid' }, costState: 'settled' })
  t.equal(story.generation.nextAttemptAt, T0)
})

t.test('an invalid character answered late is made again only if nothing else took over', async (t) => {
  const gone: CreateOutcome = { type: 'character_invalid', message: 'gone' }
  const alone = storyIn('unknown', {}, { fidelity: 'native' })
  alone.answer(1, gone)
  t.match(alone.attempt(1), { state: 'binding', failure: null, holdUntil: null, dueAt: T0 })

  const waiting = storyIn('unknown', fallback, { fidelity: 'native' })
  waiting.answer(1, gone)
  t.equal(waiting.attempt(1).state, 'binding')
  t.equal(waiting.generation.nextAttemptAt, null, 'it is tried here again, so nowhere else')

  const overtaken = storyIn('unknown', fallback, { fidelity: 'native' })
  overtaken.start(2)
  overtaken.submit(2)
  overtaken.answer(2, accepted('job-2'))
  overtaken.answer(1, gone)
  t.match(overtaken.attempt(1), { state: 'failed', failure: { code: 'character_invalid' } })
  t.match(overtaken.generation, { status: 'in_progress', nextAttemptAt: null })
})

t.test('the deadline ends the generation, and says when an outcome is open', async (t) => {
  const rows: Array<[Parameters<typeof storyIn>[0], GenerationErrorCode, AttemptState]> = [
    ['binding', 'deadline_exceeded', 'failed'],
    ['submitting', 'outcome_unknown', 'submitting'],
    ['unknown', 'outcome_unknown', 'unknown'],
    ['running', 'deadline_exceeded', 'abandoned'],
    ['abandoned', 'deadline_exceeded', 'abandoned'],
  ]
  for (const [before, code, after] of rows) {
    const story = storyIn(before)
    story.now = T0 + DEADLINE_MS
    story.tell({ type: 'deadline_reached' })
    t.match(story.generation, { status: 'failed', error: { code }, nextAttemptAt: null }, before)
    t.equal(story.attempt(1).state, after, before)
    story.start(2)
    t.equal(story.generation.attempts.length, 1)
  }
})

t.test(
  'the deadline does not throw away a video that is being archived, nor is it looked at again and again',
  async (t) => {
    const story = storyIn('archiving')
    const nextAt = T0 + DEADLINE_MS + 60 * SECOND
    story.now = T0 + DEADLINE_MS - SECOND
    story.tell({
      type: 'archive_delayed',
      attemptId: attemptId(1),
      message: '503',
      gone: false,
      full: false,
      nextAt,
    })
    story.now = T0 + DEADLINE_MS
    story.tell({ type: 'deadline_reached' })
    t.equal(story.generation.status, 'in_progress')
    t.equal(nextStep(story.generation, story.now), null)
    t.equal(story.generation.dueAt, nextAt)
    story.now = nextAt
    archive(story, 1)
    t.equal(story.generation.status, 'completed')
  },
)

t.test('without a candidate the generation ends with the reason it is given', async (t) => {
  const story = storyIn('submitting')
  story.answer(1, { type: 'upstream_down', message: 'no balance', retryAfterMs: null })
  story.tell({ type: 'no_candidate', error: { code: 'upstream_failed', message: 'no balance' } })
  t.match(story.generation, { status: 'failed', error: { code: 'upstream_failed', message: 'no balance' } })
  t.equal(story.generation.dueAt, null)
})

t.test('a candidate that is waited for is due then, or the deadline is', async (t) => {
  const story = aStory()
  t.same(story.tell({ type: 'candidate_awaited', until: T0 + 30 * SECOND }), [])
  t.match(story.generation, { status: 'queued', nextAttemptAt: T0 + 30 * SECOND, dueAt: T0 + 30 * SECOND })
})

t.test('a video that the archive let go of is told once, and stays in the record', async (t) => {
  const story = storyIn('archiving')
  t.same(story.tell({ type: 'video_expired' }), [], 'there is none yet')
  archive(story, 1)
  story.now += 30 * 24 * 3600 * SECOND
  story.tell({ type: 'video_expired' })
  t.match(story.generation, { status: 'completed', video: aVideo({ expiredAt: story.now }), dueAt: null })
  t.equal(story.types().at(-1), 'generation.video_expired')
  t.same(story.tell({ type: 'video_expired' }), [])
})

t.test('an event for an attempt that does not exist is a fault of the caller', async (t) => {
  const event = { type: 'archived' as const, at: T0, attemptId: attemptId(9), video: aVideo() }
  t.throws(() => transition(aGeneration(), event), /no attempt/)
})

t.test('the history of a plain success', async (t) => {
  const story = storyIn('archiving')
  archive(story, 1)
  t.same(story.types(), [
    'attempt.started',
    'attempt.submitting',
    'attempt.accepted',
    'attempt.archiving',
    'attempt.succeeded',
    'generation.completed',
  ])
})
