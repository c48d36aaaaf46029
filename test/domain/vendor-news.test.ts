import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { costSourceOf } from '../../src/gateway/domain/attempts/vendor-cost.ts'
import { nextPollAt } from '../../src/gateway/domain/scheduling/poll-pacing.ts'
import { aSpec, attemptId, completed, SECOND, STALL_MS, storyIn, T0 } from './builders.ts'

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
  const queued = { type: 'running', status: 'queued', progress: null, retryAfterMs: null } as const
  story.report(1, { ...queued, queuePosition: 12_000 })
  t.match(story.attempt(1), {
    queuePosition: 12_000,
    detail: 'Position 12000 in the queue of the upstream.',
  })
  story.now += SECOND
  const { length: before } = story.entries
  story.report(1, { ...queued, queuePosition: 3 })
  t.match(story.entries.slice(before), [{ type: 'attempt.progress', data: { queue_position: 3 } }])
  t.equal(story.attempt(1).lastChangeAt, story.now, 'it moves, so it is not stalled')
  story.report(1, { ...queued, queuePosition: 3 })
  t.equal(story.entries.length, before + 1, 'told once')
  story.report(1, { ...queued, status: 'running' })
  t.match(story.attempt(1), { queuePosition: null, detail: null })
})

t.test('what the vendor says that it cost is kept, and a difference told', async (t) => {
  const same = storyIn('running', {}, { reservedMicros: 400_000 })
  same.report(1, { ...completed, charge: { micros: 400_000, seconds: null } })
  t.equal(same.attempt(1).vendorCostMicros, 400_000)
  t.same(same.generation.warnings, [])
  t.notOk(same.types().includes('attempt.cost_differs'))

  const dear = storyIn('running', {}, { reservedMicros: 400_000, durationSeconds: 10 })
  dear.report(1, { ...completed, charge: { micros: 4_000_000, seconds: 10_272 } })
  t.equal(dear.attempt(1).vendorCostMicros, 4_000_000)
  t.equal(dear.attempt(1).costMicros, 400_000, 'the ledger keeps to the price list')
  t.equal(dear.attempt(1).costSource, undefined)
  t.match(dear.generation.warnings, [
    { code: 'cost_differs', detail: /4\.0000 USD; the expected cost was 0\.4000 USD/ },
    { code: 'cost_differs', detail: /10272 billed seconds; the expected number was 10/ },
  ])
  t.match(
    dear.entries.find(({ type }) => type === 'attempt.cost_differs'),
    { data: { attempt: attemptId(1), upstream: 'a', vendor_micros: 4_000_000, expected_micros: 400_000 } },
  )
})

const byVendor = { settleBy: 'vendor', warnDifference: 0.5, microsPerUnit: {} } as const

t.test('where it is configured, the ledger counts what the vendor says', async (t) => {
  const story = storyIn('running', {}, { reservedMicros: 400_000, costRules: byVendor })
  story.report(1, { ...completed, charge: { micros: 550_000, seconds: null } })
  const attempt = story.attempt(1)
  t.match(attempt, { costMicros: 550_000, costSource: 'vendor', listMicros: 400_000, costState: 'settled' })
  t.same(story.generation.warnings, [], 'less than half of it is not told')

  const failed = storyIn('running', {}, { reservedMicros: 400_000, costRules: byVendor })
  const end = { type: 'failed', message: 'no', retryable: false } as const
  failed.report(1, { ...end, charge: { micros: 10_000, seconds: null } })
  t.match(failed.attempt(1), { costMicros: 10_000, costSource: 'vendor', listMicros: 0 })
  t.match(failed.generation.warnings, [{ code: 'cost_differs', detail: /0\.0100 USD.* was 0\.0000 USD/ }])
  const types = failed.types()
  t.ok(types.indexOf('attempt.cost_differs') < types.indexOf('generation.failed'), 'before the end')
})

t.test('a cost that is none, or that nobody reported, is settled by the price list', async (t) => {
  for (const micros of [null, 1e300, -1, 0.5]) {
    const story = storyIn('running', {}, { reservedMicros: 400_000, costRules: byVendor })
    story.report(1, { ...completed, charge: { micros, seconds: 3 } })
    t.match(story.attempt(1), { costMicros: 400_000, costState: 'settled' }, String(micros))
    t.equal(story.attempt(1).costSource, undefined)
  }
})

t.test('a failed job that the vendor says was free is as expected', async (t) => {
  const story = storyIn('running', {}, { reservedMicros: 400_000 })
  const end = { type: 'failed', message: 'no', retryable: false } as const
  story.report(1, { ...end, charge: { micros: 0, seconds: null } })
  t.same(story.generation.warnings, [])
})

t.test('the unit of a vendor is worth what is configured', async (t) => {
  const rules = { ...byVendor, microsPerUnit: { tokens: 4.3, seconds: 100_000 } }
  const tokens = storyIn('running', {}, { reservedMicros: 400_000, costRules: rules })
  const usage = { amount: 108_900, unit: 'tokens' }
  tokens.report(1, { ...completed, charge: { micros: null, seconds: null, usage } })
  t.match(tokens.attempt(1), { vendorUsage: usage, vendorCostMicros: 468_270, costMicros: 468_270 })

  const seconds = storyIn('running', {}, { reservedMicros: 400_000, costRules: rules })
  seconds.report(1, { ...completed, charge: { micros: null, seconds: 5 } })
  t.match(seconds.attempt(1), { vendorCostMicros: 500_000, costSource: 'vendor' })

  const credits = storyIn('running', {}, { reservedMicros: 400_000, costRules: rules })
  credits.report(1, {
    ...completed,
    charge: { micros: null, seconds: null, usage: { amount: 5, unit: 'credits' } },
  })
  t.match(credits.attempt(1), {
    vendorUsage: { unit: 'credits' },
    vendorCostMicros: null,
    costMicros: 400_000,
  })
})

t.test('the cost of several attempts comes from vendors only where all of it does', async (t) => {
  const vendor = { costState: 'settled', costMicros: 1, costSource: 'vendor' } as const
  const list = { costState: 'settled', costMicros: 1 } as const
  const free = { costState: 'settled', costMicros: 0 } as const
  const open = { costState: 'reserved', costMicros: 0 } as const
  t.equal(costSourceOf([]), 'price_list')
  t.equal(costSourceOf([free, open]), 'price_list')
  t.equal(costSourceOf([free, vendor, open]), 'vendor')
  t.equal(costSourceOf([{ ...vendor, costMicros: 0 }]), 'vendor')
  t.equal(costSourceOf([vendor, list]), 'price_list')
})

t.test('a job that failed for no known reason says so', async (t) => {
  const story = storyIn('running')
  story.report(1, { type: 'failed', message: 'no', retryable: false, unexplained: true })
  t.match(story.attempt(1).failure, { code: 'unexplained', fallback: false })
  t.match(story.generation, { status: 'failed', error: { code: 'upstream_failed' } })
})

t.test('a vendor’s retry time does not carry a poll past the deadline', async (t) => {
  const spec = aSpec({ poll: { firstAfterMs: 1000, everyMs: 1000 } })
  const generation = { createdAt: T0, completedAt: null, deadlineAt: T0 + 5 * minute }
  const attempt = { state: 'running', deadlineAt: T0 + 10 * minute } as const
  const busy: JobReport = { type: 'unreachable', message: '429', retryAfterMs: 86_400_000 }
  const at = (now: number) => nextPollAt(busy, { spec, generation, attempt, now, watchMs: 3_600_000 })
  t.equal(at(T0), T0 + 5 * minute - SECOND, 'once more before the end')
  t.equal(at(T0 + 6 * minute), T0 + 16 * minute, 'after it, the hint')
})
