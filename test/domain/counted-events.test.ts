import t from 'tap'
import { samplesOf } from '../../src/gateway/domain/observability/counted-events.ts'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import type { LogEntryType } from '../../src/gateway/domain/generation/history.ts'
import { budgetSamples } from '../../src/gateway/services/observability/budget-samples.ts'
import { aFailure, aGeneration, anAttempt, attemptId, T0 } from './builders.ts'

const [first, second] = [attemptId(1), attemptId(2)]

function samples(type: LogEntryType, attempts: Attempt[], at = T0) {
  const data = { attempt: attempts.at(-1)?.id ?? null }
  return samplesOf({ ...aGeneration(), attempts }, { type, at, data })
}

t.test(
  'another try at the same upstream is no fallback; one elsewhere is, for the reason before it',
  async (t) => {
    const before = anAttempt({ id: first, upstream: 'a', state: 'failed', failure: aFailure('overloaded') })
    t.same(samples('attempt.started', [before]), [])
    t.same(samples('attempt.started', [before, anAttempt({ id: second, upstream: 'a' })]), [])
    t.same(samples('attempt.started', [before, anAttempt({ id: second, upstream: 'b' })]), [
      { name: 'understudy_fallbacks_total', labels: { reason: 'overloaded' }, value: 1 },
    ])
  },
)

t.test('a render lasts from when the job was accepted, and never less than nothing', async (t) => {
  const attempt = anAttempt({ id: first, upstream: 'a', acceptedAt: T0 })
  const name = 'understudy_render_duration_seconds'
  t.same(samples('attempt.archiving', [attempt], T0 + 90_000), [
    { name, labels: { upstream: 'a' }, value: 90 },
  ])
  t.same(samples('attempt.archiving', [attempt], T0 - 90_000), [
    { name, labels: { upstream: 'a' }, value: 0 },
  ])
  t.same(samples('attempt.settled', [{ ...attempt, acceptedAt: null }]), [])
})

t.test('what is not settled has no cost yet, and what costs nothing makes no series', async (t) => {
  const ended = anAttempt({ id: first, upstream: 'a', state: 'failed', reservedMicros: 120_000 })
  t.same(samples('attempt.failed', [{ ...ended, costState: 'reserved', costMicros: 0 }]), [])
  t.same(samples('attempt.failed', [{ ...ended, costState: 'settled', costMicros: 0 }]), [])
})

t.test('the budget of a tenant is used up by all of its keys, and that of a key by the key', async (t) => {
  const committed = [
    { tenant: 'studio', key: 'one', micros: 400_000 },
    { tenant: 'studio', key: 'two', micros: 450_000 },
    { tenant: 'other', key: 'one', micros: 10_000_000 },
  ]
  const shares = (budgets: Parameters<typeof budgetSamples>[0]) =>
    budgetSamples(budgets, committed).map(({ value }) => value)
  t.same(shares([]), [0, 0])
  t.same(shares([{ tenant: 'studio', key: 'one', micros: 1_000_000 }]), [0.4, 0])
  t.same(shares([{ tenant: 'studio', key: null, micros: 1_000_000 }]), [0.85, 1])
  t.same(shares([{ tenant: 'nobody', key: 'one', micros: 0 }]), [1, 1], 'a budget of nothing is used up')
})
