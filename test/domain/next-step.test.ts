import t from 'tap'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import type { Step } from '../../src/gateway/domain/scheduling/next-step.ts'
import { aGeneration, anAttempt, attemptId, DEADLINE_MS, deepFreeze, T0 } from './builders.ts'

function having(attempts: Array<Partial<Attempt>>, overrides: Partial<Generation> = {}): Generation {
  return deepFreeze(
    aGeneration(
      {},
      {
        status: 'in_progress',
        nextAttemptAt: null,
        attempts: attempts.map((attempt, index) => anAttempt({ id: attemptId(index + 1), ...attempt })),
        ...overrides,
      },
    ),
  )
}

const done = { status: 'completed', completedAt: T0 } as const
const late = T0 + DEADLINE_MS

t.test('what each state calls for when it is due', async (t) => {
  const rows: Array<[Attempt['state'], Step['type'] | undefined]> = [
    ['binding', 'submit'],
    ['submitting', 'recover'],
    ['unknown', 'reconcile'],
    ['running', 'poll'],
    ['abandoned', 'poll'],
    ['archiving', 'archive'],
    ['succeeded', undefined],
    ['failed', undefined],
  ]
  for (const [state, step] of rows) {
    const generation = having([{ state, dueAt: T0 }])
    t.equal(nextStep(generation, T0)?.type, step, state)
    t.equal(nextStep(generation, T0 - 1), null, `${state}, not due`)
    t.equal(nextStep(having([{ state, dueAt: null }]), T0), null, `${state}, waiting for nothing`)
  }
})

t.test('a queued generation starts when it is time', async (t) => {
  t.equal(nextStep(aGeneration({}, { nextAttemptAt: T0 + 5 }), T0 + 4), null)
  t.same(nextStep(aGeneration({}, { nextAttemptAt: T0 + 5 }), T0 + 5), { type: 'start' })
})

t.test('the deadline comes before anything else that is due', async (t) => {
  t.same(nextStep(aGeneration(), late), { type: 'expire' })
  t.equal(nextStep(aGeneration({}, { nextAttemptAt: late + 1 }), late - 1), null)
  for (const state of ['binding', 'unknown', 'running', 'abandoned'] as const)
    t.same(nextStep(having([{ state, dueAt: T0, askedAt: late }]), late), { type: 'expire' }, state)
})

t.test('what may have been done meanwhile is asked about once before the deadline is told', async (t) => {
  for (const state of ['unknown', 'running', 'abandoned'] as const) {
    for (const askedAt of [null, late - 1]) {
      const step = state === 'unknown' ? 'reconcile' : 'poll'
      t.equal(nextStep(having([{ state, dueAt: T0, askedAt }]), late + 1)?.type, step, state)
      t.equal(nextStep(having([{ state, dueAt: late + 9, askedAt }]), late + 1), null, 'it has its schedule')
      const closing = [{ state, dueAt: late + 9, askedAt } as const, { state: 'binding', dueAt: T0 } as const]
      t.same(nextStep(having(closing), late), { type: 'close' }, 'nothing leaves meanwhile')
    }
    t.same(nextStep(having([{ state, dueAt: null }]), late), { type: 'expire' }, 'nobody is asked any more')
  }
})

t.test('a create whose answer was lost is called unknown before the deadline is told', async (t) => {
  t.match(nextStep(having([{ state: 'submitting', dueAt: T0 }]), late), { type: 'recover' })
  const unsettled = having([{ state: 'running' }, { state: 'submitting', dueAt: T0 }])
  t.match(nextStep(unsettled, T0), { type: 'recover', attempt: { id: attemptId(2) } })
})

t.test('a video that is being archived is not timed out', async (t) => {
  t.match(nextStep(having([{ state: 'archiving', dueAt: T0 }]), late), { type: 'archive' })
  t.equal(nextStep(having([{ state: 'archiving', dueAt: late + 5 }]), late), null)
})

t.test('after the end nothing starts and nothing expires', async (t) => {
  t.equal(nextStep(having([], { ...done, nextAttemptAt: T0 }), late), null)
  t.equal(nextStep(having([{ state: 'failed', dueAt: null }], { status: 'failed' }), late), null)
})

t.test('a job that nobody wants any more is asked to stop once, and then watched', async (t) => {
  const rows: Array<[Generation['status'], boolean, Step['type']]> = [
    ['cancelled', false, 'cancel'],
    ['cancelled', true, 'poll'],
    ['completed', false, 'cancel'],
    ['completed', true, 'poll'],
    ['failed', false, 'poll'],
    ['in_progress', false, 'poll'],
  ]
  for (const [status, cancelAsked, step] of rows) {
    const generation = having([{ state: 'abandoned', cancelAsked, dueAt: T0 }], { status })
    t.equal(nextStep(generation, T0)?.type, step, `${status}, ${cancelAsked ? 'asked' : 'not asked'}`)
  }
})

t.test('attempts come in their order, and before another one starts', async (t) => {
  const both = having([{ state: 'abandoned' }, { state: 'running' }], { nextAttemptAt: T0 })
  t.match(nextStep(both, T0), { type: 'poll', attempt: { id: attemptId(1) } })
  const second = having([{ state: 'abandoned', dueAt: T0 + 1 }, { state: 'running' }], { nextAttemptAt: T0 })
  t.match(nextStep(second, T0), { type: 'poll', attempt: { id: attemptId(2) } })
  const neither = having([{ state: 'abandoned', dueAt: T0 + 1 }], { nextAttemptAt: T0 })
  t.same(nextStep(neither, T0), { type: 'start' })
})
