import t from 'tap'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import { dueLane, kindOf, laneAt } from '../../src/gateway/domain/scheduling/step-lane.ts'
import { aGeneration, anAttempt, DEADLINE_MS, T0 } from './builders.ts'

function having(attempt: Partial<Attempt>) {
  const attempts = [anAttempt({ dueAt: T0, ...attempt })]
  return aGeneration({}, { status: 'in_progress', nextAttemptAt: null, attempts, dueAt: T0 })
}

t.test('what hangs takes up places of one kind of step at one upstream', async (t) => {
  t.equal(dueLane(having({ state: 'binding' })), 'create:a')
  t.equal(dueLane(having({ state: 'unknown' })), 'poll:a')
  t.equal(dueLane(having({ state: 'running' })), 'poll:a')
  t.equal(dueLane(having({ state: 'archiving' })), 'archive:a')
  t.equal(dueLane(having({ state: 'submitting' })), 'local')
  t.equal(dueLane(aGeneration({}, { nextAttemptAt: T0, dueAt: T0 })), 'local')
})

t.test('the deadline waits in no lane', async (t) => {
  t.equal(laneAt(having({ state: 'binding' }), T0 + DEADLINE_MS), 'local')
})

t.test('the kind of a lane is read back from it, whatever the upstream is called', async (t) => {
  t.equal(kindOf('archive:poll:x'), 'archive')
  t.equal(kindOf('local'), 'local')
})
