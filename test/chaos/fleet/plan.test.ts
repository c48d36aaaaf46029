import t from 'tap'
import { createRandom } from '../random.ts'
import { disturbanceKinds, nextDisturbance } from './plan.ts'
import type { Disturbance } from './plan.ts'

function planOf(seed: number, length: number): Disturbance[] {
  const random = createRandom(seed, 'disturbances')
  return Array.from({ length }, () => nextDisturbance(random, { nodes: 3, paceMs: 1400 }))
}

t.test('a seed makes the same disturbances again, and another seed others', async (t) => {
  const [one, again, two] = [1, 1, 2].map((seed) => JSON.stringify(planOf(seed, 400)))
  t.equal(one, again)
  t.not(one, two)
})

t.test('ten minutes have every kind, on every node, and nodes that outlive their leases', async (t) => {
  for (const seed of [1, 2, 3]) {
    const plan = planOf(seed, 400)
    t.same(new Set(plan.map(({ kind }) => kind)), new Set(disturbanceKinds))
    t.same(new Set(plan.map(({ node }) => node)), new Set([0, 1, 2]))
    t.ok(plan.some(({ kind, forMs }) => kind === 'stand_still' && forMs > 30_000))
    t.ok(plan.every(({ forMs }) => forMs >= 200 && forMs <= 45_000))
    const minutes = plan.reduce((sum, { afterMs }) => sum + afterMs, 0) / 60_000
    t.ok(minutes < 11, `${minutes} minutes`)
  }
})
