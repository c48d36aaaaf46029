import t from 'tap'
import { resubmissionRefusal } from '../../src/gateway/domain/attempts/passed-over.ts'
import { generationErrorCodes } from '../../src/gateway/domain/generation/failure.ts'
import { attemptStates } from '../../src/gateway/domain/generation/generation.ts'
import {
  accepted,
  aGeneration,
  anAttempt,
  attemptId,
  aVideo,
  completed,
  HOLD_MS,
  SECOND,
  storyIn,
  unknown,
} from './builders.ts'
import type { Story } from './builders.ts'

function resubmit(story: Story, number = 1) {
  const resubmission = { id: 'aud_1', by: 'ops', at: story.now } as const
  return story.tell({ type: 'resubmitted', attemptId: attemptId(number), resubmission })
}

/** An unknown attempt whose hold is over, so that its generation has failed. */
function ended(): Story {
  const story = storyIn('unknown')
  story.now += HOLD_MS
  story.tell({
    type: 'job_not_found_yet',
    attemptId: attemptId(1),
    absent: false,
    askedAt: story.now,
    nextAt: story.now + 60 * SECOND,
  })
  if (story.generation.error?.code !== 'outcome_unknown') throw new Error('it did not end as unknown')
  return story
}

for (const [when, begin] of [
  ['while it is held', () => storyIn('unknown')],
  ['after its generation has ended', ended],
] as const) {
  t.test(`an unknown attempt lets the next one start, once, ${when}`, async (t) => {
    const story = begin()
    const reserved = story.attempt(1).reservedMicros
    story.now += SECOND
    t.match(
      resubmit(story).map(({ type }) => type),
      ['generation.resubmitted', 'generation.warning'],
    )
    t.match(story.generation, {
      status: 'in_progress',
      error: null,
      completedAt: null,
      nextAttemptAt: story.now,
      dueAt: story.now,
      deadlineAt: story.now + story.generation.request.routing.deadlineMs,
      warnings: [{ code: 'two_bills_possible' }],
    })
    t.match(story.attempt(1), { state: 'unknown', costState: 'reserved', reservedMicros: reserved })
    const once = story.generation
    t.same(resubmit(story), [], 'the second time changes nothing')
    t.same(story.generation, once)
    story.start(2)
    t.same(resubmit(story), [], 'nor does it while the second one is under way')
    t.equal(story.generation.nextAttemptAt, null)
  })
}

t.test(
  'after the second has no outcome either, nothing is sent until somebody accepts its bill as well',
  async (t) => {
    const story = storyIn('unknown')
    resubmit(story)
    story.start(2)
    story.submit(2)
    story.answer(2, unknown)
    t.equal(story.generation.nextAttemptAt, null)
    t.same(resubmit(story), [], 'the first was accepted already')
    t.equal(story.generation.nextAttemptAt, null)
    resubmit(story, 2)
    t.equal(story.generation.nextAttemptAt, story.now)
  },
)

t.test(
  'a definite failure of the second asks the third, and a refusal of it ends the generation',
  async (t) => {
    const story = storyIn('unknown')
    resubmit(story)
    story.start(2)
    story.submit(2)
    story.answer(2, { type: 'rejected', message: 'busy', retryAfterMs: null })
    t.equal(story.generation.nextAttemptAt, story.now)
    story.start(3)
    story.submit(3)
    story.answer(3, { type: 'refused', message: 'no' })
    t.match(story.generation, { status: 'failed', error: { code: 'content_refused' } })
    t.match(resubmissionRefusal(story.generation, story.attempt(1)), /content_refused/)
  },
)

t.test('a job that is found before the second was sent keeps it from being sent', async (t) => {
  const story = storyIn('unknown')
  resubmit(story)
  story.start(2)
  const job = { upstreamId: 'job-1', operation: null, model: null }
  story.tell({ type: 'job_found', attemptId: attemptId(1), job, nextAt: story.now })
  t.match(story.attempt(2), { state: 'failed', failure: { code: 'never_sent' }, costMicros: 0 })
  t.equal(story.generation.nextAttemptAt, null)
})

t.test(
  'where both jobs are done, one video is delivered, and the other is paid for without one',
  async (t) => {
    const story = ended()
    resubmit(story)
    story.start(2)
    story.submit(2)
    story.answer(2, accepted())
    story.report(2, completed)
    story.tell({ type: 'archived', attemptId: attemptId(2), video: aVideo() })
    t.equal(story.generation.status, 'completed')
    const job = { upstreamId: 'job-1', operation: null, model: null }
    story.tell({ type: 'job_found', attemptId: attemptId(1), job, nextAt: story.now })
    t.match(story.attempt(1), { state: 'abandoned', costState: 'reserved' })
    story.report(1, completed)
    t.match(story.generation, { status: 'completed' })
    for (const [number, delivered] of [
      [1, false],
      [2, true],
    ] as const) {
      const { reservedMicros } = story.attempt(number)
      t.match(story.attempt(number), {
        state: 'succeeded',
        delivered,
        costState: 'settled',
        costMicros: reservedMicros,
      })
    }
  },
)

t.test('nothing is sent again beside an attempt whose outcome is known', async (t) => {
  for (const state of attemptStates.filter((each) => each !== 'unknown')) {
    const attempt = anAttempt({ state })
    const generation = aGeneration({}, { status: 'in_progress', attempts: [attempt], nextAttemptAt: null })
    t.match(resubmissionRefusal(generation, attempt), new RegExp(`is ${state}`))
  }
})

t.test('an end that is no unknown outcome is final', async (t) => {
  const attempt = anAttempt({ state: 'unknown' })
  const base = { attempts: [attempt], nextAttemptAt: null }
  for (const code of generationErrorCodes) {
    const error = { code, message: 'ended' }
    const refusal = resubmissionRefusal(aGeneration({}, { ...base, status: 'failed', error }), attempt)
    t.equal(refusal === null, code === 'outcome_unknown', code)
  }
  const cancelled = aGeneration(
    {},
    { ...base, status: 'cancelled', error: { code: 'cancelled', message: '' } },
  )
  t.match(resubmissionRefusal(cancelled, attempt), /cancelled/)
  const late = aGeneration(
    {},
    { ...base, status: 'failed', error: { code: 'outcome_unknown', message: '' }, video: aVideo() },
  )
  t.match(resubmissionRefusal(late, attempt), /has a video/)
})

t.test('a job that a restored gateway suspects is resolved, not sent again', async (t) => {
  const attempt = anAttempt({ state: 'unknown', awaitsPerson: true })
  const generation = aGeneration({}, { status: 'in_progress', attempts: [attempt], nextAttemptAt: null })
  t.match(resubmissionRefusal(generation, attempt), /resolve/)
})

t.test(
  'an attempt is passed over once, also where the second failed and the generation ended again',
  async (t) => {
    const story = ended()
    resubmit(story)
    story.tell({ type: 'no_candidate', error: { code: 'no_upstream', message: 'none' } })
    t.match(story.generation, { status: 'failed', error: { code: 'outcome_unknown' } })
    const once = story.generation
    t.same(resubmit(story), [])
    t.same(story.generation, once)
  },
)
