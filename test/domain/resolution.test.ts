import t from 'tap'
import { needsAttention } from '../../src/gateway/domain/generation/search/attention.ts'
import { attemptStates } from '../../src/gateway/domain/generation/generation.ts'
import type { Attempt, AttemptState, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { outcomeVerdicts } from '../../src/gateway/domain/attempts/resolution.ts'
import type {
  OutcomeVerdict,
  Resolution,
  ResolutionVerdict,
} from '../../src/gateway/domain/attempts/resolution.ts'
import { attemptId, aVideo, SECOND, storyIn, T0, vendorAccount } from './builders.ts'
import type { Story } from './builders.ts'

/** The charge that an operator enters with the verdict, in micro-dollars. */
const charges = [0, 50_000, 120_000]
const job = { upstreamId: 'job-9', operation: { id: 'job-9' }, model: null }

function inState(state: AttemptState): Story {
  if (state !== 'succeeded' && state !== 'failed') return storyIn(state)
  const story = storyIn(state === 'succeeded' ? 'archiving' : 'running')
  if (state === 'succeeded') story.tell({ type: 'archived', attemptId: attemptId(1), video: aVideo() })
  else story.report(1, { type: 'failed', message: 'no capacity', retryable: false })
  return story
}

function resolutionOf(verdict: ResolutionVerdict): Resolution {
  return { id: 'aud_1', verdict, by: 'operator', at: T0, note: 'looked it up', contradiction: null }
}

function tell(story: Story, verdict: OutcomeVerdict, costMicros: number) {
  const about = { attemptId: attemptId(1), resolution: resolutionOf(verdict) }
  return verdict === 'taken'
    ? story.tell({ type: 'resolved_taken', ...about, job, by: vendorAccount, nextAt: story.now + SECOND })
    : story.tell({ type: 'resolved_not_taken', ...about, costMicros, watchAt: story.now + 60 * SECOND })
}

for (const state of attemptStates.filter((each) => each !== 'unknown'))
  for (const verdict of outcomeVerdicts)
    t.test(`an attempt that is ${state} is left as it is by the verdict ${verdict}`, async (t) => {
      for (const costMicros of charges) {
        const story = inState(state)
        t.equal(story.attempt(1).state, state)
        const before = story.generation
        t.same(tell(story, verdict, costMicros), [], 'nothing is logged')
        t.same(story.generation, before)
      }
    })

t.test('an unknown attempt that was taken runs on, under the job that was named', async (t) => {
  const story = inState('unknown')
  const before = story.attempt(1)
  t.match(
    tell(story, 'taken', 0).map(({ type }) => type),
    ['attempt.resolved', 'attempt.accepted'],
  )
  const expected: Partial<Attempt> = {
    state: 'running',
    upstreamId: job.upstreamId,
    operation: job.operation,
    sentTo: { ...vendorAccount, confirmed: true },
    acceptedAt: story.now,
    holdUntil: null,
    dueAt: story.now + SECOND,
    failure: null,
    resolution: resolutionOf('taken'),
    costState: 'reserved',
    costMicros: before.costMicros,
    reservedMicros: before.reservedMicros,
    endedAt: null,
  }
  t.match(story.attempt(1), expected)
  t.match(story.generation, { status: 'in_progress', nextAttemptAt: null, error: null })
  const once = story.generation
  for (const verdict of outcomeVerdicts) tell(story, verdict, 50_000)
  t.same(story.generation, once, 'a second verdict comes too late')
})

for (const costMicros of charges)
  t.test(
    `an unknown attempt that was not taken is settled at ${costMicros}, and the next is free`,
    async (t) => {
      const story = inState('unknown')
      tell(story, 'not_taken', costMicros)
      t.match(story.attempt(1), {
        state: 'failed',
        failure: { code: 'not_taken', fallback: true },
        costState: 'settled',
        costMicros,
        endedAt: story.now,
        dueAt: story.now + 60 * SECOND,
        upstreamId: null,
        resolution: resolutionOf('not_taken'),
      })
      const next: Partial<Generation> = { status: 'in_progress', nextAttemptAt: story.now, error: null }
      t.match(story.generation, next)
      const once = story.generation
      for (const verdict of outcomeVerdicts) tell(story, verdict, 7)
      t.same(story.generation, once, 'a second verdict comes too late')
    },
  )

t.test('where the generation has ended, a job that was taken is watched, and delivers nothing', async (t) => {
  const story = inState('unknown')
  story.tell({ type: 'cancel_requested' })
  t.equal(story.generation.status, 'cancelled')
  tell(story, 'taken', 0)
  t.match(story.attempt(1), { state: 'abandoned', upstreamId: job.upstreamId, costState: 'reserved' })
  t.equal(story.generation.status, 'cancelled')
})

t.test('where the generation has ended, nothing is sent after a job that was not taken', async (t) => {
  const story = inState('unknown')
  story.tell({ type: 'cancel_requested' })
  tell(story, 'not_taken', 50_000)
  t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: 50_000 })
  t.match(story.generation, { status: 'cancelled', nextAttemptAt: null })
})

/** What the bill says, in micro-dollars; null: what is settled. */
const bills = [null, 0, 50_000, 240_000]

function billed(story: Story, costMicros: number | null) {
  const resolution = resolutionOf(costMicros === 0 ? 'not_charged' : 'charged')
  return story.tell({ type: 'charge_resolved', attemptId: attemptId(1), resolution, costMicros })
}

function paidInVain(): Story {
  const story = storyIn('running', {}, { chargedOn: 'create' })
  story.report(1, { type: 'failed', message: 'no capacity', retryable: false })
  t.match(story.attempt(1), { state: 'failed', costState: 'settled', costMicros: 120_000 })
  return story
}

for (const costMicros of bills)
  t.test(`an attempt that was paid without a video costs what the bill says: ${costMicros}`, async (t) => {
    const story = paidInVain()
    const before = story.attempt(1)
    const { status, error } = story.generation
    t.ok(needsAttention(story.generation, story.now))
    t.match(
      billed(story, costMicros).map(({ type }) => type),
      ['attempt.resolved'],
    )
    const verdict = costMicros === 0 ? 'not_charged' : 'charged'
    const money = costMicros === null ? {} : { costMicros, costSource: 'vendor', listMicros: 120_000 }
    t.strictSame(story.attempt(1), { ...before, ...money, resolution: resolutionOf(verdict) })
    t.match(story.generation, { status, error })
    t.notOk(needsAttention(story.generation, story.now))
    const once = story.generation
    for (const again of bills) t.same(billed(story, again), [])
    for (const again of outcomeVerdicts) t.same(tell(story, again, 7), [])
    t.same(story.generation, once, 'a second verdict comes too late')
  })

for (const state of attemptStates)
  t.test(`an attempt that is ${state} and was not paid in vain has no bill to resolve`, async (t) => {
    for (const costMicros of bills) {
      const story = inState(state)
      const before = story.generation
      t.same(billed(story, costMicros), [], 'nothing is logged')
      t.same(story.generation, before)
    }
  })
