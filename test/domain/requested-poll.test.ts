import t from 'tap'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { accepted, attemptId, aVideo, completed, running, SECOND, storyIn, T0 } from './builders.ts'
import type { Story } from './builders.ts'

const notFound: JobReport = { type: 'not_found', message: 'no such job' }

function requestPoll(story: Story): void {
  const entries = story.tell({ type: 'poll_requested', attemptId: attemptId(1) })
  if (entries.length > 0) throw new Error('a requested poll is not logged')
}

t.test('a requested poll is due at once, and changes nothing else', async (t) => {
  for (const [state, step] of [
    ['running', 'poll'],
    ['unknown', 'reconcile'],
    ['abandoned', 'poll'],
  ] as const) {
    const story = storyIn(state)
    story.now += SECOND
    const before = story.generation
    t.equal(nextStep(before, story.now), null, state)
    requestPoll(story)
    const [attempt] = before.attempts
    t.same(story.generation, {
      ...before,
      attempts: [{ ...attempt, dueAt: story.now }],
      dueAt: story.now,
    })
    t.match(nextStep(story.generation, story.now), { type: step })
  }
})

t.test('a job whose watch is over is polled once more on request', async (t) => {
  const story = storyIn('abandoned')
  story.now += 5 * SECOND
  story.tell({
    type: 'job_reported',
    attemptId: attemptId(1),
    report: running(),
    askedAt: story.now,
    nextAt: null,
  })
  t.equal(story.attempt(1).dueAt, null)
  story.now += 48 * 3600 * SECOND
  requestPoll(story)
  t.match(story.attempt(1), { state: 'abandoned', dueAt: story.now })
})

t.test(
  'a requested poll has no effect on an attempt without a job to poll, or with a final answer',
  async (t) => {
    const ended = storyIn('archiving')
    ended.tell({ type: 'archived', attemptId: attemptId(1), video: aVideo() })
    const failed = storyIn('running')
    failed.report(1, { type: 'failed', message: 'gpu lost', retryable: false })
    for (const story of [storyIn('binding'), storyIn('submitting'), storyIn('archiving'), ended, failed]) {
      const before = story.generation
      story.now += SECOND
      requestPoll(story)
      t.same(story.generation, before)
    }
  },
)

t.test(
  'requested polls do not count towards the three not-found in a row that make a job lost',
  async (t) => {
    const story = storyIn('running')
    story.report(1, notFound)
    const { dueAt } = story.attempt(1)
    for (let count = 0; count < 10; count++) requestPoll(story)
    t.equal(story.attempt(1).dueAt, dueAt, 'the second look stays where it was')

    const raced = storyIn('running')
    raced.now += SECOND
    requestPoll(raced)
    raced.tell({
      type: 'job_reported',
      attemptId: attemptId(1),
      report: notFound,
      askedAt: raced.now - 1,
      nextAt: raced.now + 5 * SECOND,
    })
    t.equal(raced.attempt(1).dueAt, raced.now + 5 * SECOND, 'nor when they come while one is asked')
  },
)

t.test('nor the three lists in a row that deny an unknown create', async (t) => {
  const story = storyIn('unknown')
  story.now += 120 * SECOND
  const asked = { type: 'job_not_found_yet', attemptId: attemptId(1), absent: true } as const
  requestPoll(story)
  const nextAt = story.now + 30 * SECOND
  story.tell({ ...asked, askedAt: story.now - 1, nextAt })
  for (let count = 0; count < 10; count++) requestPoll(story)
  t.match(story.attempt(1), { state: 'unknown', dueAt: nextAt }, 'the next list is the one on schedule')
})

t.test('a poll requested while another one runs follows it', async (t) => {
  const story = storyIn('running')
  const askedAt = story.now
  story.now += 100
  requestPoll(story)
  story.now += 100
  const report = { type: 'job_reported', attemptId: attemptId(1), report: running(40) } as const
  story.tell({ ...report, askedAt, nextAt: story.now + 300 * SECOND })
  t.equal(story.attempt(1).dueAt, story.now)
  story.tell({ ...report, askedAt: story.now, nextAt: story.now + 300 * SECOND })
  t.equal(story.attempt(1).dueAt, story.now + 300 * SECOND, 'once')

  const unknown = storyIn('unknown')
  unknown.now += 100
  requestPoll(unknown)
  const none = { type: 'job_not_found_yet', attemptId: attemptId(1), askedAt: T0, nextAt: null } as const
  unknown.tell({ ...none, absent: false })
  t.equal(unknown.attempt(1).dueAt, unknown.now)
})

t.test('the result of a requested poll is judged like any other', async (t) => {
  const story = storyIn('running')
  requestPoll(story)
  story.report(1, completed)
  t.equal(story.attempt(1).state, 'archiving')

  const late = storyIn('unknown')
  requestPoll(late)
  late.answer(1, accepted())
  t.equal(late.attempt(1).state, 'running')
})
