import * as fc from 'fast-check'
import t from 'tap'
import { removalsDue, retentionBound } from '../../src/gateway/domain/generation/retention.ts'
import type { Retention } from '../../src/gateway/domain/generation/retention.ts'

const kept = fc.option(fc.integer({ min: 1, max: 100 }))
const retention: fc.Arbitrary<Retention> = fc.record({
  generations: kept,
  references: kept,
  events: kept,
  deliveries: kept,
  attempts: kept,
  audit: kept,
  exchanges: fc.constant(7),
})
const facts = fc.record({
  createdAt: fc.integer({ min: 0, max: 200 }),
  hasOpenAttempt: fc.boolean(),
  hasPendingDelivery: fc.boolean(),
})
const none = { generation: false, references: false, events: false, deliveries: false }

t.test('nothing goes before its time, and nothing while money or a webhook is open', async () => {
  fc.assert(
    fc.property(facts, retention, fc.integer({ min: 0, max: 300 }), (facts, retention, now) => {
      const due = removalsDue(facts, retention, now)
      if (facts.hasOpenAttempt || facts.hasPendingDelivery) {
        t.same(due, none)
        return
      }
      const over = (ms: number | null) => ms !== null && now - facts.createdAt > ms
      t.equal(due.generation, over(retention.generations))
      for (const part of ['references', 'events', 'deliveries'] as const) {
        t.equal(due[part], over(retention[part]) && !due.generation)
      }
      const bound = retentionBound(retention, now)
      const anyDue = Object.values(due).some(Boolean)
      if (anyDue) t.ok(bound !== null && facts.createdAt < bound, 'a pass comes by it')
    }),
  )
})

t.test('without a retention nothing ever goes', async (t) => {
  const keep = {
    generations: null,
    references: null,
    events: null,
    deliveries: null,
    attempts: null,
    audit: null,
    exchanges: 7,
  }
  t.equal(retentionBound(keep, 1e15), null)
  t.same(removalsDue({ createdAt: 0, hasOpenAttempt: false, hasPendingDelivery: false }, keep, 1e15), none)
})
