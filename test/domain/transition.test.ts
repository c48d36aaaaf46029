import t from 'tap'
import type {
  Failure,
  FailureCode,
  GenerationErrorCode,
} from '../../src/gateway/domain/generation/failure.ts'
import type { AttemptState } from '../../src/gateway/domain/generation/generation.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import type { CreateOutcome, JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
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
  HOLD_MS,
  PROMPT_MARK,
  running,
  SECOND,
  STALL_MS,
  storyIn,
  T0,
  unknown,
} from './builders.ts'
import type { Story } from './builders.ts'

const notFound: JobReport = { type: 'not_found', message: 'no such job' }
const fallback = { onUnknown: 'fallback' } as const

function nothing(type: 'unreadable' | 'unreachable'): JobReport {
  return type === 'unreadable'
    ? { type, message: 'not JSON' }
    : { type, message: 'connect timeout', retryAfterMs: null }
}

function archive(story: Story, number: number): void {
  story.tell({ type: 'archived', attemptId: attemptId(number), video: aVideo() })
}

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

t.test('what a report about a running job means', async (t) => {
  const rows: Array<{
    report: JobReport
    state: AttemptState
    failure: FailureCode | null
    verdict: 'goes on' | 'next candidate' | GenerationErrorCode
  }> = [
    { report: running(10), state: 'running', failure: null, verdict: 'goes on' },
    { report: running(null, 'a word nobody knows'), state: 'running', failure: null, verdict: 'goes on' },
    { report: completed, state: 'archiving', failure: null, verdict: 'goes on' },
    {
      report: { type: 'failed', message: 'gpu lost', retryable: true },
      state: 'failed',
      failure: 'job_failed',
      verdict: 'next candidate',
    },
    {
      report: { type: 'failed', message: 'bad prompt', retryable: false },
      state: 'failed',
      failure: 'job_failed',
      verdict: 'upstream_failed',
    },
    {
      report: { type: 'refused', message: 'a face' },
      state: 'failed',
      failure: 'refused',
      verdict: 'content_refused',
    },
    { report: notFound, state: 'running', failure: null, verdict: 'goes on' },
    { report: nothing('unreadable'), state: 'running', failure: null, verdict: 'goes on' },
    { report: nothing('unreachable'), state: 'running', failure: null, verdict: 'goes on' },
  ]
  for (const { report, state, failure, verdict } of rows) {
    t.test(`${report.type} → ${verdict}`, async (t) => {
      const story = storyIn('running')
      story.now += 30 * SECOND
      story.report(1, report)
      const { generation } = story
      t.equal(story.attempt(1).state, state)
      t.equal(story.attempt(1).failure?.code ?? null, failure)
      const next = generation.nextAttemptAt
      if (verdict === 'goes on') t.match([generation.status, next], ['in_progress', null])
      else if (verdict === 'next candidate') t.match([generation.status, next], ['in_progress', story.now])
      else t.match([generation.status, next, generation.error?.code], ['failed', null, verdict])
    })
  }
})

t.test('money: reserved when opened, settled by what the upstream charges for', async (t) => {
  const failed: JobReport = { type: 'failed', message: 'gpu lost', retryable: true }
  const refused: JobReport = { type: 'refused', message: 'a face' }
  const rows: Array<[how: string, reports: JobReport[], onSuccess: number, onCreate: number]> = [
    ['completed', [completed], 120_000, 120_000],
    ['failed', [failed], 0, 120_000],
    ['refused at the end', [refused], 0, 120_000],
    ['lost', [notFound, notFound, notFound], 0, 120_000],
  ]
  for (const [how, reports, onSuccess, onCreate] of rows) {
    for (const [chargedOn, cost] of [
      ['success', onSuccess],
      ['create', onCreate],
    ] as const) {
      const story = storyIn('running', {}, { chargedOn })
      t.match(story.attempt(1), { costState: 'reserved', costMicros: 0 })
      for (const report of reports) story.report(1, report)
      t.match(story.attempt(1), { costState: 'settled', costMicros: cost }, `${how}, charged on ${chargedOn}`)
    }
  }
})

t.test('money: an upstream that cancelled charges only where it charges at the create', async (t) => {
  for (const [chargedOn, cost] of [
    ['success', 0],
    ['create', 120_000],
  ] as const) {
    const story = storyIn('running', {}, { chargedOn })
    story.tell({ type: 'cancel_requested' })
    t.match(story.attempt(1), { state: 'abandoned', costState: 'reserved' })
    const answer = { outcome: { type: 'cancelled' as const }, nextAt: T0 + 5 * SECOND }
    story.tell({ type: 'cancel_answered', attemptId: attemptId(1), ...answer })
    t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: cost, dueAt: null })
    t.equal(story.generation.dueAt, null)
  }
})

t.test('money: an open outcome stays reserved after the end, as it may still be charged', async (t) => {
  for (const state of ['submitting', 'unknown', 'running', 'abandoned'] as const) {
    const story = storyIn(state)
    story.now = T0 + DEADLINE_MS
    story.tell({ type: 'deadline_reached' })
    t.match(story.attempt(1), { costState: 'reserved', costMicros: 0 }, state)
  }
})

t.test('a job is lost only when three polls in a row do not find it', async (t) => {
  const story = storyIn('running')
  story.report(1, notFound)
  story.report(1, notFound)
  story.report(1, running(20))
  story.report(1, notFound)
  story.report(1, notFound)
  t.equal(story.attempt(1).state, 'running', 'being found begins the count again')
  story.report(1, notFound)
  t.match(story.attempt(1), { state: 'failed', failure: { code: 'lost', fallback: true } })
  t.equal(story.generation.nextAttemptAt, T0, 'another upstream may take it')
})

t.test('polls that say nothing never end an attempt, however many', async (t) => {
  for (const type of ['unreadable', 'unreachable'] as const) {
    const story = storyIn('running')
    for (let poll = 0; poll < 50; poll++) story.report(1, nothing(type))
    t.match(story.attempt(1), { state: 'running', costState: 'reserved', failure: null }, type)
  }
})

t.test(
  'progress goes up only, stays under 100 until the video is here, and is logged when it changes',
  async (t) => {
    const story = storyIn('running')
    const seen = [10, 40, 30, 99, 100, 250, null, -5].map((progress) => {
      const entries = story.report(1, running(progress))
      return [story.generation.progress, entries.length]
    })
    t.same(seen, [
      [10, 1],
      [40, 1],
      [40, 0],
      [99, 1],
      [99, 0],
      [99, 0],
      [99, 0],
      [99, 0],
    ])
    story.report(1, completed)
    t.equal(story.generation.progress, 99, 'rendered, not yet archived')
    archive(story, 1)
    t.equal(story.generation.progress, 100)
  },
)

t.test('progress does not go back when another upstream starts over', async (t) => {
  const story = storyIn('running')
  story.report(1, running(80))
  story.report(1, { type: 'failed', message: 'gpu lost', retryable: true })
  story.start(2)
  t.equal(story.generation.progress, 80)
})

t.test('a job without a change for the stall time is abandoned, not failed', async (t) => {
  const story = storyIn('running')
  story.now = T0 + STALL_MS - 1
  story.report(1, running())
  t.equal(story.attempt(1).state, 'running', 'a first status is a change')
  story.now += STALL_MS - 1
  story.report(1, running())
  t.equal(story.attempt(1).state, 'running', 'one millisecond short')
  story.now += 1
  story.report(1, running())
  t.match(story.attempt(1), { state: 'abandoned', costState: 'reserved', failure: { code: 'stalled' } })
  t.match(story.generation, { status: 'in_progress', nextAttemptAt: null, error: null })
})

t.test('a new status word or a step of progress puts the stall off; unreadable answers do not', async (t) => {
  const story = storyIn('running')
  const rows: Array<[JobReport, AttemptState]> = [
    [running(null, 'queued'), 'running'],
    [running(null, 'in_progress'), 'running'],
    [running(1), 'running'],
    [nothing('unreadable'), 'abandoned'],
  ]
  for (const [report, state] of rows) {
    story.now += STALL_MS - 1
    story.report(1, report)
    if (state === 'abandoned') {
      story.now += 1
      story.report(1, report)
    }
    t.equal(story.attempt(1).state, state)
  }
})

t.test('an attempt past its own deadline is abandoned even while it moves', async (t) => {
  const story = storyIn('running')
  for (let progress = 1; story.now < T0 + ATTEMPT_MS; progress++) {
    t.equal(story.attempt(1).state, 'running')
    story.now += 60 * SECOND
    story.report(1, running(progress))
  }
  t.match(story.attempt(1), { state: 'abandoned', costState: 'reserved', failure: { code: 'deadline' } })
  t.equal(story.generation.status, 'in_progress', 'the generation goes on until its own')
})

t.test('a late success before the end of the generation is delivered like any other', async (t) => {
  const story = storyIn('abandoned')
  story.report(1, completed)
  t.match(story.attempt(1), { state: 'archiving', failure: null, costState: 'settled', costMicros: 120_000 })
  archive(story, 1)
  t.match(story.generation, {
    status: 'completed',
    progress: 100,
    video: aVideo(),
    error: null,
    warnings: [],
  })
  t.equal(story.attempt(1).state, 'succeeded')
})

t.test('a late success after the end is delivered as well, and the end stays what it was', async (t) => {
  const story = storyIn('abandoned')
  story.now = T0 + DEADLINE_MS
  story.tell({ type: 'deadline_reached' })
  const { error, completedAt } = story.generation
  t.equal(error?.code, 'deadline_exceeded')
  story.now += 60 * SECOND
  story.report(1, completed)
  archive(story, 1)
  t.match(story.generation, { status: 'failed', error, completedAt, video: aVideo(), dueAt: null })
  t.match(story.generation.warnings, [{ code: 'late_video' }])
  t.match(story.attempt(1), { state: 'succeeded', costState: 'settled', costMicros: 120_000 })
  t.equal(story.types().at(-1), 'generation.late_video')
})

t.test('a late failure after the end only settles the money', async (t) => {
  const story = storyIn('running', {}, { chargedOn: 'create' })
  story.now = T0 + DEADLINE_MS
  story.tell({ type: 'deadline_reached' })
  story.report(1, { type: 'failed', message: 'gpu lost', retryable: true })
  t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: 120_000 })
  t.match(story.generation, { status: 'failed', error: { code: 'deadline_exceeded' }, nextAttemptAt: null })
  t.equal(story.generation.dueAt, null)
})

t.test('cancelling ends the generation at once, whatever its attempt is at', async (t) => {
  const rows: Array<[Parameters<typeof storyIn>[0], AttemptState, 'reserved' | 'settled', number]> = [
    ['binding', 'failed', 'settled', 0],
    ['submitting', 'submitting', 'reserved', 0],
    ['unknown', 'unknown', 'reserved', 0],
    ['running', 'abandoned', 'reserved', 0],
    ['archiving', 'succeeded', 'settled', 120_000],
    ['abandoned', 'abandoned', 'reserved', 0],
  ]
  for (const [before, after, costState, costMicros] of rows) {
    t.test(`${before} → ${after}`, async (t) => {
      const story = storyIn(before)
      story.now += SECOND
      story.tell({ type: 'cancel_requested' })
      const { generation } = story
      t.match(generation, { status: 'cancelled', error: { code: 'cancelled' }, completedAt: story.now })
      t.equal(generation.nextAttemptAt, null)
      t.match(story.attempt(1), { state: after, costState, costMicros })
      t.equal(story.types().filter((type) => type === 'generation.cancelled').length, 1)
      if (after === 'abandoned') t.match(nextStep(generation, story.now), { type: 'cancel' })
      if (after === 'failed' || after === 'succeeded') t.equal(generation.dueAt, null)
      const again = story.tell({ type: 'cancel_requested' })
      t.same(again, [], 'a second cancel is nothing')
    })
  }
})

t.test('cancelling before any attempt leaves nothing to do', async (t) => {
  const story = aStory()
  story.tell({ type: 'cancel_requested' })
  t.match(story.generation, { status: 'cancelled', dueAt: null, nextAttemptAt: null })
  story.start(1)
  t.same(story.generation.attempts, [])
})

t.test('a create that was under way when the cancel came is settled by what it brings', async (t) => {
  const rows: Array<[CreateOutcome, AttemptState, 'reserved' | 'settled']> = [
    [accepted(), 'abandoned', 'reserved'],
    [unknown, 'unknown', 'reserved'],
    [{ type: 'rejected', message: 'busy', retryAfterMs: null }, 'failed', 'settled'],
    [{ type: 'refused', message: 'a face' }, 'failed', 'settled'],
    [{ type: 'character_invalid', message: 'gone' }, 'failed', 'settled'],
  ]
  for (const [outcome, state, costState] of rows) {
    const story = storyIn('submitting', {}, { fidelity: 'native' })
    story.tell({ type: 'cancel_requested' })
    story.answer(1, outcome)
    t.match(story.attempt(1), { state, costState }, outcome.type)
    t.match(story.generation, { status: 'cancelled', error: { code: 'cancelled' }, nextAttemptAt: null })
    if (state === 'abandoned') t.match(nextStep(story.generation, story.now), { type: 'cancel' })
  }
})

t.test('an upstream is asked to cancel once; a job it goes on with is watched to its end', async (t) => {
  const outcomes = [{ type: 'unsupported' as const }, { type: 'not_cancelled' as const, message: 'too late' }]
  for (const outcome of outcomes) {
    const story = storyIn('running')
    story.tell({ type: 'cancel_requested' })
    t.match(nextStep(story.generation, T0), { type: 'cancel' })
    story.tell({ type: 'cancel_asked', attemptId: attemptId(1) })
    t.match(nextStep(story.generation, T0), { type: 'poll' }, 'not asked again, whoever takes over')
    story.tell({ type: 'cancel_answered', attemptId: attemptId(1), outcome, nextAt: T0 + 5 * SECOND })
    t.equal(nextStep(story.generation, T0), null)
    t.match(nextStep(story.generation, T0 + 5 * SECOND), { type: 'poll' })
    story.report(1, completed)
    t.match(story.attempt(1), { state: 'succeeded', costState: 'settled', costMicros: 120_000 })
    t.match(story.generation, { status: 'cancelled', video: null, dueAt: null })
    t.ok(story.types().includes('attempt.settled'))
  }
})

t.test(
  'a job that is gone after we asked to cancel it keeps its money reserved, for it may have been charged',
  async (t) => {
    const story = storyIn('running')
    story.tell({ type: 'cancel_requested' })
    story.tell({ type: 'cancel_asked', attemptId: attemptId(1) })
    for (let poll = 0; poll < 3; poll++) story.report(1, { type: 'not_found', message: 'no such job' })
    t.match(story.attempt(1), { state: 'failed', failure: { code: 'cancelled' }, costState: 'reserved' })
    t.match(story.generation, { status: 'cancelled', dueAt: null })
  },
)

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

t.test('an unknown outcome is held, never repeated, and then told', async (t) => {
  const story = storyIn('unknown')
  t.match(story.attempt(1), { holdUntil: T0 + HOLD_MS, dueAt: T0 + 2 * SECOND })
  t.equal(story.generation.nextAttemptAt, null)
  const look = (nextAt: number | null): unknown =>
    story.tell({
      type: 'job_not_found_yet',
      attemptId: attemptId(1),
      absent: false,
      askedAt: story.now,
      nextAt,
    })
  story.now = T0 + HOLD_MS - 1
  look(T0 + HOLD_MS)
  t.match(story.generation, { status: 'in_progress', nextAttemptAt: null })
  story.start(2)
  t.equal(story.generation.attempts.length, 1)
  story.now = T0 + HOLD_MS
  look(T0 + HOLD_MS + 60 * SECOND)
  t.match(story.generation, { status: 'failed', error: { code: 'outcome_unknown' }, completedAt: story.now })
  t.match(story.attempt(1), { state: 'unknown', costState: 'reserved', dueAt: T0 + HOLD_MS + 60 * SECOND })
})

t.test(
  'an upstream denies a job when three complete lists in a row, a minute later, are without it',
  async (t) => {
    const rows: Array<[looks: Array<[seconds: number, absent: boolean]>, denied: boolean]> = [
      [
        [
          [60, true],
          [75, true],
          [90, true],
        ],
        true,
      ],
      [
        [
          [60, true],
          [75, true],
        ],
        false,
      ],
      [
        [
          [10, true],
          [20, true],
          [40, true],
          [59, true],
        ],
        false,
      ],
      [
        [
          [60, true],
          [75, true],
          [90, false],
          [105, true],
          [120, true],
        ],
        false,
      ],
      [
        [
          [60, false],
          [75, false],
          [90, false],
        ],
        false,
      ],
    ]
    for (const [looks, denied] of rows) {
      const story = storyIn('unknown')
      for (const [seconds, absent] of looks) {
        story.now = T0 + seconds * SECOND
        story.tell({
          type: 'job_not_found_yet',
          attemptId: attemptId(1),
          absent,
          askedAt: story.now,
          nextAt: story.now + SECOND,
        })
      }
      t.equal(story.attempt(1).state, denied ? 'failed' : 'unknown')
      t.equal(story.generation.nextAttemptAt, denied ? story.now : null)
      if (denied)
        t.match(story.attempt(1), {
          costState: 'settled',
          costMicros: 0,
          failure: { code: 'lost', fallback: true },
        })
    }
  },
)

t.test('the hold never goes past the deadline', async (t) => {
  const story = storyIn('submitting', { deadlineMs: 100 * SECOND })
  story.answer(1, unknown)
  t.equal(story.attempt(1).holdUntil, T0 + 100 * SECOND)
})

t.test('a second "unknown" changes nothing, and does not prolong the hold', async (t) => {
  const story = storyIn('unknown')
  const before = story.generation
  story.now += 100 * SECOND
  t.same(story.answer(1, unknown), [])
  t.same(story.generation, before)
})

t.test('a job that is found again runs on as the one attempt', async (t) => {
  const story = storyIn('unknown')
  story.now += 30 * SECOND
  const job = { upstreamId: 'found', operation: { id: 'found' }, model: null }
  story.tell({ type: 'job_found', attemptId: attemptId(1), job, nextAt: story.now })
  t.match(story.attempt(1), { state: 'running', upstreamId: 'found', failure: null, holdUntil: null })
  t.equal(story.generation.nextAttemptAt, null)
})

t.test('a job that is found after the hold is watched, and a late video delivered', async (t) => {
  const story = storyIn('unknown')
  story.now = T0 + HOLD_MS
  story.tell({
    type: 'job_not_found_yet',
    attemptId: attemptId(1),
    absent: false,
    askedAt: story.now,
    nextAt: story.now + SECOND,
  })
  const job = { upstreamId: 'found', operation: { id: 'found' }, model: null }
  story.tell({ type: 'job_found', attemptId: attemptId(1), job, nextAt: story.now })
  t.equal(story.attempt(1).state, 'abandoned')
  t.match(nextStep(story.generation, story.now), { type: 'poll' }, 'a failed generation may still get it')
  story.report(1, completed)
  archive(story, 1)
  t.match(story.generation, { status: 'failed', error: { code: 'outcome_unknown' }, video: aVideo() })
})

t.test(
  'the answer of a create counts even when it comes after the outcome was given up as unknown',
  async (t) => {
    const late = storyIn('unknown')
    late.answer(1, accepted('late'))
    t.match(late.attempt(1), { state: 'running', upstreamId: 'late', failure: null, holdUntil: null })
    const never = storyIn('unknown')
    never.answer(1, { type: 'never_sent', message: 'no route', retryAfterMs: null })
    t.match(never.attempt(1), { state: 'failed', costState: 'settled', costMicros: 0, holdUntil: null })
    t.equal(never.generation.nextAttemptAt, T0)
  },
)

t.test('with on_unknown fallback the next candidate is asked, and two bills are warned of', async (t) => {
  const story = storyIn('unknown', fallback)
  t.match(story.generation, { nextAttemptAt: T0, warnings: [{ code: 'two_bills_possible' }] })
  story.start(2)
  t.same(
    story.generation.attempts.map(({ state }) => state),
    ['unknown', 'binding'],
  )
  t.equal(story.attempt(1).costState, 'reserved')
})

t.test('a relay that repeated the create before it was accepted is warned of', async (t) => {
  const story = storyIn('submitting')
  const outcome = accepted('task-9', 'sora-2')
  story.answer(
    1,
    outcome.type === 'accepted' ? { ...outcome, job: { ...outcome.job, repeated: 2 } } : outcome,
  )
  t.match(story.generation.warnings, [{ code: 'two_bills_possible', detail: /sent this create 3 times/ }])
})

t.test('with on_unknown fallback a stalled job lets the next candidate be asked', async (t) => {
  const story = storyIn('abandoned', fallback)
  t.match(story.generation, { nextAttemptAt: story.now, warnings: [{ code: 'two_bills_possible' }] })
})

t.test('a job that stalls beside another that runs does not let a third be asked', async (t) => {
  const story = storyIn('unknown', fallback)
  story.start(2)
  story.submit(2)
  story.answer(2, accepted('job-2'))
  story.answer(1, accepted('job-1'))
  const stalls = (number: number): void => {
    story.report(number, running())
    story.now += STALL_MS
    story.report(number, running())
    t.equal(story.attempt(number).state, 'abandoned')
  }
  stalls(1)
  t.equal(story.generation.nextAttemptAt, null, 'the second runs')
  stalls(2)
  t.equal(story.generation.nextAttemptAt, story.now, 'nothing is known of either')
})

t.test('with on_unknown fallback but fallback off nothing else is asked', async (t) => {
  for (const state of ['unknown', 'abandoned'] as const) {
    const story = storyIn(state, { ...fallback, fallback: false })
    t.match(story.generation, { nextAttemptAt: null, warnings: [] }, state)
  }
})

t.test('once the first job is found to run, no other is started for it', async (t) => {
  const finds: Array<[string, (story: Story) => void]> = [
    ['its answer came', (story) => story.answer(1, accepted())],
    [
      'it was listed',
      (story) => {
        const job = { upstreamId: 'found', operation: null, model: null }
        story.tell({ type: 'job_found', attemptId: attemptId(1), job, nextAt: story.now })
      },
    ],
  ]
  for (const [how, find] of finds) {
    const waiting = storyIn('unknown', fallback)
    waiting.tell({ type: 'candidate_awaited', until: T0 + 5 * SECOND })
    find(waiting)
    t.equal(waiting.generation.nextAttemptAt, null, how)
    waiting.tell({ type: 'candidate_awaited', until: T0 + 9 * SECOND })
    t.equal(waiting.generation.nextAttemptAt, null, 'what was decided before that comes too late')
    waiting.start(2)
    t.equal(waiting.generation.attempts.length, 1)
  }
  const archiving = storyIn('abandoned', fallback)
  archiving.tell({ type: 'candidate_awaited', until: archiving.now + 5 * SECOND })
  archiving.report(1, completed)
  t.equal(archiving.generation.nextAttemptAt, null, 'its video is there')
  archiving.start(2)
  t.equal(archiving.generation.attempts.length, 1)
})

t.test('an attempt that has not left yet stays here once the first job is found to run', async (t) => {
  const rows: Array<['unknown' | 'abandoned', (story: Story) => void]> = [
    ['unknown', (story) => story.answer(1, accepted())],
    ['abandoned', (story) => story.report(1, completed)],
  ]
  for (const [state, find] of rows) {
    const story = storyIn(state, fallback)
    story.start(2)
    find(story)
    t.match(story.attempt(2), {
      state: 'failed',
      costState: 'settled',
      costMicros: 0,
      failure: { code: 'never_sent' },
    })
    t.equal(story.generation.nextAttemptAt, null)
    story.submit(2)
    t.equal(story.attempt(2).submittedAt, null, 'it cannot be sent any more')
    t.equal(story.generation.status, 'in_progress')
  }
})

t.test('the first of two to deliver wins; the other is cancelled and its cost recorded', async (t) => {
  const story = storyIn('unknown', fallback)
  story.start(2)
  story.submit(2)
  story.answer(2, accepted('job-2'))
  story.answer(1, accepted('job-1'))
  t.same(
    story.generation.attempts.map(({ state }) => state),
    ['running', 'running'],
  )
  story.report(2, completed)
  archive(story, 2)
  t.match(story.generation, { status: 'completed', video: aVideo() })
  t.match(story.attempt(1), { state: 'abandoned', costState: 'reserved' })
  t.match(nextStep(story.generation, story.now), { type: 'cancel', attempt: { id: attemptId(1) } })
  story.report(1, completed)
  t.match(story.attempt(1), { state: 'succeeded', costState: 'settled', costMicros: 120_000 })
  t.equal(story.generation.dueAt, null)
})

t.test('a failure of one does not end what another may still deliver', async (t) => {
  const invalid: CreateOutcome = { type: 'invalid', message: 'too long', elsewhere: false }
  const running2 = storyIn('unknown', fallback)
  running2.start(2)
  running2.submit(2)
  running2.answer(2, accepted('job-2'))
  running2.answer(1, invalid)
  t.match(running2.generation, { status: 'in_progress', nextAttemptAt: null })
  const held = storyIn('unknown', fallback)
  held.start(2)
  held.submit(2)
  held.answer(2, invalid)
  t.match(held.generation, { status: 'in_progress', nextAttemptAt: null })
  held.tell({ type: 'no_candidate', error: { code: 'no_upstream', message: 'none' } })
  t.equal(held.generation.status, 'in_progress')
})

t.test('a hold that ended while another attempt ran ends the generation with that attempt', async (t) => {
  const endings: Array<[string, (story: Story) => void]> = [
    [
      'a fault of the request',
      (story) => story.answer(2, { type: 'invalid', message: 'no', elsewhere: false }),
    ],
    [
      'no candidate left',
      (story) => {
        story.answer(2, { type: 'upstream_down', message: 'no', retryAfterMs: null })
        story.tell({ type: 'no_candidate', error: { code: 'upstream_failed', message: 'no' } })
      },
    ],
  ]
  for (const [how, end] of endings) {
    const story = storyIn('unknown', fallback)
    story.start(2)
    story.submit(2)
    story.now = T0 + HOLD_MS
    story.tell({
      type: 'job_not_found_yet',
      attemptId: attemptId(1),
      absent: false,
      askedAt: story.now,
      nextAt: null,
    })
    t.equal(story.generation.status, 'in_progress', 'the second may still deliver')
    end(story)
    t.match(story.generation, { status: 'failed', error: { code: 'outcome_unknown' }, dueAt: null }, how)
  }
})

t.test('a hold that ends while another candidate is awaited does not end the generation', async (t) => {
  const story = storyIn('unknown', fallback)
  story.tell({ type: 'candidate_awaited', until: T0 + HOLD_MS + 100 * SECOND })
  story.now = T0 + HOLD_MS
  story.tell({
    type: 'job_not_found_yet',
    attemptId: attemptId(1),
    absent: false,
    askedAt: story.now,
    nextAt: null,
  })
  t.match(story.generation, { status: 'in_progress', nextAttemptAt: T0 + HOLD_MS + 100 * SECOND })
})

t.test('two unknown outcomes end the generation with the hold of the later one', async (t) => {
  const story = storyIn('unknown', fallback)
  story.start(2)
  story.submit(2)
  story.now += 60 * SECOND
  story.answer(2, unknown)
  story.tell({ type: 'no_candidate', error: { code: 'no_upstream', message: 'none' } })
  for (const [number, ends] of [
    [1, false],
    [2, true],
  ] as const) {
    story.now = story.attempt(number).holdUntil ?? 0
    story.tell({
      type: 'job_not_found_yet',
      attemptId: attemptId(number),
      absent: false,
      askedAt: story.now,
      nextAt: null,
    })
    t.equal(story.generation.error?.code ?? null, ends ? 'outcome_unknown' : null)
  }
  t.equal(story.generation.dueAt, null)
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

t.test('a download that fails is tried again and never rendered again', async (t) => {
  const story = storyIn('archiving')
  const retry = { message: '503', gone: false, full: false, nextAt: T0 + 4 * SECOND }
  story.tell({ type: 'archive_delayed', attemptId: attemptId(1), ...retry })
  t.match(story.attempt(1), { state: 'archiving', archiveTries: 1, dueAt: T0 + 4 * SECOND })
  const said = { ...retry, message: '404', gone: true, full: false }
  story.tell({ type: 'archive_delayed', attemptId: attemptId(1), ...said })
  story.tell({ type: 'archive_delayed', attemptId: attemptId(1), ...said })
  t.equal(story.attempt(1).notFound, 2)
  story.tell({ type: 'archive_delayed', attemptId: attemptId(1), ...retry })
  t.equal(story.attempt(1).notFound, 0, 'only in a row')
  story.tell({ type: 'archive_failed', attemptId: attemptId(1), message: '410 gone' })
  t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: 120_000 })
  t.match(story.generation, {
    status: 'failed',
    error: { code: 'archive_failed', message: '410 gone' },
    nextAttemptAt: null,
    dueAt: null,
  })
  story.start(2)
  t.equal(story.generation.attempts.length, 1)
})

t.test('a download that fails after the end leaves the end as it was', async (t) => {
  const story = storyIn('running')
  story.now = T0 + DEADLINE_MS
  story.tell({ type: 'deadline_reached' })
  story.report(1, completed)
  story.tell({ type: 'archive_failed', attemptId: attemptId(1), message: '410 gone' })
  t.match(story.generation, { error: { code: 'deadline_exceeded' }, video: null, dueAt: null })
  t.match(story.attempt(1), { state: 'failed', costMicros: 120_000 })
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

t.test('the costs of all attempts are told when it completes', async (t) => {
  const story = storyIn('running', {}, { chargedOn: 'create' })
  story.report(1, { type: 'failed', message: 'gpu lost', retryable: true })
  story.start(2, { reservedMicros: 1_000_000 })
  story.submit(2)
  story.answer(2, accepted('job-2'))
  story.report(2, completed)
  archive(story, 2)
  t.match(story.entries.at(-1), { type: 'generation.completed', data: { cost_micros: 1_120_000 } })
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
