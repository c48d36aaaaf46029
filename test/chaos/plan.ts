import * as z from 'zod'
import { calls, moments } from './points.ts'
import type { Random } from './random.ts'

export const deathSchema = z.object({ point: z.string(), count: z.int().min(1), delayMs: z.int().min(0) })

/** How one process of the gateway lives and dies. */
export const lifeSchema = z.object({
  /** Where it is killed: `delayMs` after it passes a named point for the `count`-th time. */
  death: deathSchema.nullable(),
  /** The parent kills it this long after it was started, or after it listened; null: never. */
  after: z.object({ ms: z.int().min(0), of: z.enum(['start', 'listening']) }).nullable(),
  /** How far its clock is off, from its start or from some point of its life on. */
  clock: z.object({ byMs: z.int(), fromMs: z.int().min(0) }).nullable(),
  /** When its disk is full, relative to its start. */
  diskFull: z.object({ fromMs: z.int(), forMs: z.int() }).nullable(),
})

export type Death = z.output<typeof deathSchema>
export type Life = z.output<typeof lifeSchema>

/**
 * The next life, derived from the seed alone. If a point is not reached in time, the process is killed at a random
 * time. Most lives are short, so that there are many; the few long ones complete longer work, such as downloads.
 */
export function nextLife(random: Random): Life {
  const [names, most, patienceMs] = random.weighted<readonly [string[], number, number]>([
    [1, [calls.always, 1, 200]],
    [5, [calls.often, 3, 150]],
    [4, [calls.sometimes, 1, 400]],
    [1, [calls.seldom, 1, 1200]],
  ])
  const named = random.chance(0.8)
  const point = `${random.pick(names)}:${random.pick(moments)}`
  const count = random.int(1, most)
  const delayMs = random.chance(0.2) ? random.int(1, 30) : 0
  const odd = random.chance(0.15)
  const byMs = random.int(-4000, 4000)
  const fromMs = random.chance(0.5) ? 0 : random.int(50, 400)
  const full = random.chance(0.1) ? { fromMs: random.int(0, 300), forMs: random.int(100, 800) } : null
  const [of, ...span] = random.weighted<readonly ['start' | 'listening', number, number]>([
    [3, ['start', 0, 250]],
    [6, ['listening', 0, 250]],
    [1, ['listening', 800, 2500]],
  ])
  const ms = random.int(...span)
  return {
    death: named ? { point, count, delayMs } : null,
    after: named ? { ms: patienceMs, of: 'listening' } : { ms, of },
    clock: odd ? { byMs, fromMs } : null,
    diskFull: full,
  }
}
