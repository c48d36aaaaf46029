import t from 'tap'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import {
  accepted,
  attemptId,
  aVideo,
  completed,
  HOLD_MS,
  running,
  SECOND,
  STALL_MS,
  storyIn,
  T0,
  unknown,
} from './builders.ts'
import type { Story } from './builders.ts'
import { fallback, archive } from './transition-events.ts'

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

t.test('a final verdict about one attempt holds after another attempt ends later', async (t) => {
  for (const retryable of [false, true]) {
    const story = storyIn('unknown', fallback)
    story.start(2)
    story.submit(2)
    story.answer(2, accepted('job-2'))
    story.answer(1, accepted('job-1'))
    story.report(2, { type: 'failed', message: 'no such codec', retryable })
    t.equal(story.generation.status, 'in_progress', 'the first may still deliver')
    story.report(1, { type: 'failed', message: 'out of memory', retryable: true })
    const { status, error, nextAttemptAt } = story.generation
    if (retryable) t.same([status, nextAttemptAt], ['in_progress', story.now], 'the next candidate is asked')
    else t.match({ status, error }, { status: 'failed', error: { message: 'no such codec' } })
  }
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
