import t from 'tap'
import type { AttemptState } from '../../src/gateway/domain/generation/generation.ts'
import type { CreateOutcome, JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import {
  accepted,
  aStory,
  attemptId,
  completed,
  DEADLINE_MS,
  SECOND,
  storyIn,
  T0,
  unknown,
} from './builders.ts'
import { notFound, archive } from './transition-events.ts'

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
