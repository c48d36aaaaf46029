import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { nextPollAt } from '../../src/gateway/domain/scheduling/poll-pacing.ts'
import { aSpec, completed, SECOND, STALL_MS, storyIn, T0 } from './builders.ts'

const plated: JobReport = {
  type: 'running',
  status: 'plated',
  progress: null,
  retryAfterMs: null,
  apparent: completed,
}
const minute = 60 * SECOND

t.test(
  'an answer that looks like an end under an unknown word is believed when it stays the same',
  async (t) => {
    const story = storyIn('running', {}, { stallMs: 10 * minute })
    story.report(1, plated)
    t.equal(story.attempt(1).state, 'running')
    t.match(story.attempt(1).detail, /"plated" is not known.*completed/)
    story.now += minute - SECOND
    story.report(1, plated)
    t.equal(story.attempt(1).state, 'running')
    story.now += SECOND
    story.report(1, plated)
    t.match(story.attempt(1), { state: 'archiving', detail: null })
    t.ok(STALL_MS > 0)
  },
)

t.test('a place in the queue is shown', async (t) => {
  const story = storyIn('running')
  const detail = 'Position 12000 in the queue of the upstream.'
  story.report(1, { type: 'running', status: 'queued', progress: null, retryAfterMs: null, detail })
  t.equal(story.attempt(1).detail, detail)
})

t.test('what the vendor says that it cost is kept, and a difference told', async (t) => {
  const same = storyIn('running', {}, { reservedMicros: 400_000 })
  same.report(1, { ...completed, charge: { micros: 400_000, seconds: null } })
  t.equal(same.attempt(1).vendorCostMicros, 400_000)
  t.same(same.generation.warnings, [])

  const dear = storyIn('running', {}, { reservedMicros: 400_000, durationSeconds: 10 })
  dear.report(1, { ...completed, charge: { micros: 4_000_000, seconds: 10_272 } })
  t.equal(dear.attempt(1).vendorCostMicros, 4_000_000)
  t.equal(dear.attempt(1).costMicros, 400_000, 'the ledger keeps to the price list')
  t.match(dear.generation.warnings, [
    { code: 'cost_differs', detail: /4\.0000 USD; the expected cost was 0\.4000 USD/ },
    { code: 'cost_differs', detail: /10272 billed seconds; the expected number was 10/ },
  ])
})

t.test('a job that failed for no known reason says so', async (t) => {
  const story = storyIn('running')
  story.report(1, { type: 'failed', message: 'no', retryable: false, unexplained: true })
  t.match(story.attempt(1).failure, { code: 'unexplained', fallback: false })
  t.match(story.generation, { status: 'failed', error: { code: 'upstream_failed' } })
})

t.test('a hint does not carry a poll past the deadline', async (t) => {
  const spec = aSpec({ poll: { firstAfterMs: 1000, everyMs: 1000 } })
  const generation = { createdAt: T0, completedAt: null, deadlineAt: T0 + 5 * minute }
  const attempt = { state: 'running', deadlineAt: T0 + 10 * minute } as const
  const busy: JobReport = { type: 'unreachable', message: '429', retryAfterMs: 86_400_000 }
  const at = (now: number) => nextPollAt(busy, { spec, generation, attempt, now, watchMs: 3_600_000 })
  t.equal(at(T0), T0 + 5 * minute - SECOND, 'once more before the end')
  t.equal(at(T0 + 6 * minute), T0 + 16 * minute, 'after it, the hint')
})
