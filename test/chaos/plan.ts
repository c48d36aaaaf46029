import * as z from 'zod'
import type { Random } from './random.ts'

/** How one incarnation of the gateway lives and dies. */
export const lifeSchema = z.object({
  /** Where it kills itself: the `count`-th time it passes a named point, `delayMs` later. */
  death: z.object({ point: z.string(), count: z.int().min(1), delayMs: z.int().min(0) }).nullable(),
  /** The parent kills it so long after it was let go, if it lives by then; null never. */
  afterMs: z.int().min(0).nullable(),
  /** Its clock is so much ahead of this machine's. */
  clockMs: z.int(),
  /** The disk is full for it in this span after its start. */
  diskFull: z.object({ fromMs: z.int(), forMs: z.int() }).nullable(),
})

export type Life = z.output<typeof lifeSchema>

/** Points by how often they are passed: the rare ones are aimed at on their first passing. */
const often = ['store.save', 'store.get', 'store.claimDue', 'upstream.poll', 'store.nextDueAt']
const sometimes = [
  'store.insert',
  'upstream.create',
  'upstream.fetchVideo',
  'archive.put',
  'upstream.listRecent',
  'store.findIdempotency',
  'store.release',
  'store.ownsJob',
]
const seldom = [
  'upstream.cancel',
  'upstream.createCharacter',
  'characters.changeBinding',
  'characters.insert',
  'archive.cut',
  'archive.remove',
  'store.releaseAll',
  'store.liveAttempts',
]

const namedMs = 700

/** The next life, from the seed alone. */
export function nextLife(random: Random, { backwards }: { backwards: boolean }): Life {
  const [names, most] = random.weighted<readonly [string[], number]>([
    [3, [often, 8]],
    [6, [sometimes, 2]],
    [2, [seldom, 1]],
  ])
  const named = random.chance(0.8)
  const point = `${random.pick(names)}:${random.pick(['before', 'after'])}`
  const count = random.int(1, most)
  const delayMs = random.chance(0.3) ? random.int(1, 40) : 0
  const clock = random.chance(0.15) ? random.int(backwards ? -4000 : 0, 4000) : 0
  const full = random.chance(0.1) ? { fromMs: random.int(0, 500), forMs: random.int(100, 1000) } : null
  const aliveMs = random.weighted<readonly [number, number]>([
    [2, [0, 250]],
    [6, [150, 600]],
    [2, [600, 1500]],
  ])
  const afterMs = random.int(...aliveMs)
  return {
    death: named ? { point, count, delayMs } : null,
    // Time enough to come to the named point, if there is work that leads to it.
    afterMs: named ? namedMs : afterMs,
    clockMs: clock,
    diskFull: full,
  }
}
