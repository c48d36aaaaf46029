import { calls, moments } from '../points.ts'
import type { Death } from '../plan.ts'
import type { Random } from '../random.ts'

/** What can be done to the fleet and its database, by how often it is done. */
const fleetWeights = {
  kill_at_point: 8,
  kill: 3,
  kill_at_start: 2,
  stand_still: 5,
  restart_node: 4,
  roll: 0.5,
  crash_database: 1.5,
  restart_database: 1.5,
  promote: 2,
  cut_all: 4,
  cut_some: 6,
  slow: 5,
} as const

/** And to the bucket, where media are in one. */
const bucketWeights = {
  restart_bucket: 2,
  cut_bucket: 4,
  slow_bucket: 3,
  hang_bucket: 2,
  refuse_bucket: 4,
} as const

export type BucketDisturbance = keyof typeof bucketWeights
export type DisturbanceKind = keyof typeof fleetWeights | BucketDisturbance
export const medias = ['files', 's3'] as const
export type Media = (typeof medias)[number]
const weights = { ...fleetWeights, ...bucketWeights }

export const isOfBucket = (kind: DisturbanceKind): kind is BucketDisturbance => kind in bucketWeights
export const disturbanceKinds = (media: Media): DisturbanceKind[] =>
  Object.keys(media === 's3' ? weights : fleetWeights).filter(
    (kind): kind is DisturbanceKind => kind in weights,
  )

export interface Disturbance {
  kind: DisturbanceKind
  /** After the one before it began. */
  afterMs: number
  /** Which node, or the next one that lives; ignored where all are meant. */
  node: number
  /** Of `kill_at_point`: `delayMs` after it passes this point for the `count`-th time. */
  death: Death
  /** Of `kill_at_start`: where its next process is killed. */
  startDeath: Death
  /** How long a node stands still, a connection is slow, or a bucket is disturbed. */
  forMs: number
  /** By how much a slow connection delays, in each direction; a slow bucket, each kilobyte. */
  delayMs: number
  /** The share of connections that `cut_some` cuts, and of requests to a bucket that are cut or hang. */
  share: number
}

/** Leases of generations last 30 s. Whoever stands still for longer finds that another node took over. */
const leaseMs = 30_000
const longestMs = 45_000

/** The next disturbance, derived from the seed alone. All random numbers are drawn every time, so that kinds do not shift. */
export function nextDisturbance(
  random: Random,
  { nodes, paceMs, media }: { nodes: number; paceMs: number; media: Media },
): Disturbance {
  const kind = random.weighted(disturbanceKinds(media).map((each) => [weights[each], each] as const))
  const [names, most] = random.weighted<readonly [readonly string[], number]>([
    [5, [calls.often, 3]],
    [4, [calls.sometimes, 1]],
    [1, [calls.seldom, 1]],
  ])
  const point = `${random.pick(names)}:${random.pick(moments)}`
  const death = { point, count: random.int(1, most), delayMs: random.chance(0.2) ? random.int(1, 30) : 0 }
  const first = `${random.pick(calls.always)}:${random.pick(moments)}`
  const standsMs = random.weighted([
    [6, random.int(200, 3000)],
    [3, random.int(3000, 12_000)],
    [1, random.int(leaseMs + 1000, longestMs)],
  ])
  const slowMs = random.int(500, 6000)
  return {
    kind,
    afterMs: Math.round(paceMs * 2 * random.next()),
    node: random.int(0, nodes - 1),
    death,
    startDeath: { point: first, count: 1, delayMs: 0 },
    forMs: kind === 'slow' || isOfBucket(kind) ? slowMs : standsMs,
    delayMs: random.int(5, 300),
    share: 0.2 + 0.6 * random.next(),
  }
}
