import type { Test } from 'tap'
import type { Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { aGeneration, anAttempt, attemptId, generationId } from '../../fixtures/generation.ts'
import { insert } from './setup.ts'
import type { Make } from './setup.ts'

/** Samples of what waits to be sent. */
export function waitingContract(t: Test, make: Make): void {
  t.test('what waits is what has no slot yet, and what has one and was not sent', async (t) => {
    const store = await make(t)
    t.match(await store.waiting(10), { waiting: [] })
    const queued = aGeneration({ id: generationId(1) })
    const bound = inState('binding', 2)
    for (const each of [
      queued,
      bound,
      inState('running', 3),
      aGeneration({ id: generationId(4), status: 'failed' }),
    ])
      await insert(store, each)
    t.strictSame(await store.waiting(10), {
      weight: 1,
      waiting: [
        {
          id: queued.id,
          upstreams: queued.plan.candidates.map(({ upstream }) => upstream),
          hasSlot: false,
        },
        { id: bound.id, upstreams: [bound.attempts[0]?.upstream], hasSlot: true },
      ],
    })
  })

  t.test('of many that wait a few stand for all, evenly spread', async (t) => {
    const store = await make(t)
    for (let each = 1; each <= 100; each++) await insert(store, aGeneration({ id: generationId(each) }))
    const { waiting, weight } = await store.waiting(10)
    t.strictSame(
      waiting.map(({ id }) => id),
      Array.from({ length: 10 }, (_, each) => generationId(1 + 10 * each)),
    )
    t.equal(weight, 10)
  })
}

function inState(state: 'binding' | 'running', number: number): Generation {
  const attempt = anAttempt({ id: attemptId(number), state })
  return aGeneration({ id: generationId(number), status: 'in_progress', attempts: [attempt] })
}
