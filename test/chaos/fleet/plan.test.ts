import t from 'tap'
import { createRandom } from '../random.ts'
import { disturbanceKinds, medias, nextDisturbance } from './plan.ts'
import type { Disturbance, Media } from './plan.ts'

function planOf(seed: number, length: number, media: Media = 'files'): Disturbance[] {
  const random = createRandom(seed, 'disturbances')
  return Array.from({ length }, () => nextDisturbance(random, { nodes: 3, paceMs: 1400, media }))
}

t.test('a seed makes the same disturbances again, and another seed others', async (t) => {
  const [one, again, two] = [1, 1, 2].map((seed) => JSON.stringify(planOf(seed, 400)))
  t.equal(one, again)
  t.not(one, two)
})

t.test('ten minutes have every kind, on every node, and nodes that outlive their leases', async (t) => {
  for (const [seed, media] of [1, 2, 3].flatMap((seed) => medias.map((each) => [seed, each] as const))) {
    const plan = planOf(seed, 400, media)
    t.same(new Set(plan.map(({ kind }) => kind)), new Set(disturbanceKinds(media)))
    t.same(new Set(plan.map(({ node }) => node)), new Set([0, 1, 2]))
    t.ok(plan.some(({ kind, forMs }) => kind === 'stand_still' && forMs > 30_000))
    t.ok(plan.every(({ forMs }) => forMs >= 200 && forMs <= 45_000))
    const minutes = plan.reduce((sum, { afterMs }) => sum + afterMs, 0) / 60_000
    t.ok(minutes < 11, `${minutes} minutes`)
  }
})
