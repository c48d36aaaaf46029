import t from 'tap'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import { duePool, stepKindOf, poolAt, poolsToCreate } from '../../src/gateway/domain/scheduling/step-pool.ts'
import { aCandidate, aGeneration, anAttempt, coffeeGirl, DEADLINE_MS, T0 } from './builders.ts'

function having(attempt: Partial<Attempt>) {
  const attempts = [anAttempt({ dueAt: T0, ...attempt })]
  return aGeneration({}, { status: 'in_progress', nextAttemptAt: null, attempts, dueAt: T0 })
}

t.test('what hangs takes up places of one kind of step at one upstream', async (t) => {
  t.equal(duePool(having({ state: 'binding' })), 'create:a')
  t.equal(duePool(having({ state: 'unknown' })), 'poll:a')
  t.equal(duePool(having({ state: 'running' })), 'poll:a')
  t.equal(duePool(having({ state: 'archiving' })), 'archive:a')
  t.equal(duePool(having({ state: 'submitting' })), 'local')
  t.equal(duePool(aGeneration({}, { nextAttemptAt: T0, dueAt: T0 })), 'local')
})

t.test('the deadline waits in no pool', async (t) => {
  t.equal(poolAt(having({ state: 'binding' }), T0 + DEADLINE_MS), 'local')
})

t.test('a new generation passes where its first candidate is sent from', async (t) => {
  const { plan, request } = aGeneration()
  const of = (fidelity: 'native' | 'reference' | null, characters = request.characters) =>
    poolsToCreate({
      plan: { ...plan, candidates: [aCandidate({ upstream: 'b', fidelity }), aCandidate()] },
      request: { ...request, characters },
    })
  t.same(of(null, []), ['local', 'create:b'])
  t.same(of('native', []), ['local', 'create:b'])
  t.same(of('native', [coffeeGirl]), ['local', 'character:b'])
  t.same(of('reference', [coffeeGirl]), ['local', 'create:b'])
  t.same(poolsToCreate({ plan: { ...plan, candidates: [] }, request }), [])
})

t.test('the kind of a pool is read back from it, whatever the upstream is called', async (t) => {
  t.equal(stepKindOf('archive:poll:x'), 'archive')
  t.equal(stepKindOf('local'), 'local')
})
