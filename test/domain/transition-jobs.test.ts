import t from 'tap'
import type { FailureCode, GenerationErrorCode } from '../../src/gateway/domain/generation/failure.ts'
import type { AttemptState } from '../../src/gateway/domain/generation/generation.ts'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import {
  ATTEMPT_MS,
  attemptId,
  aVideo,
  completed,
  DEADLINE_MS,
  running,
  SECOND,
  STALL_MS,
  storyIn,
  T0,
} from './builders.ts'
import { notFound, nothing, archive } from './transition-events.ts'

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
