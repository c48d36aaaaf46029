import { setTimeout as pause } from 'node:timers/promises'
import type { CutProxy } from '../../postgres/cut-proxy.ts'
import type { Random } from '../random.ts'
import type { Cluster } from './cluster.ts'
import type { Fleet, Node } from './nodes.ts'
import type { Bucket } from './bucket.ts'
import { isOfBucket } from './plan.ts'
import type { BucketDisturbance, Disturbance, DisturbanceKind } from './plan.ts'

export interface Disturber {
  /** Begins it, where it is possible now; some go on for a while. */
  begin(disturbance: Disturbance): void
  /** Those that took place, by kind. */
  counts: Map<DisturbanceKind, number>
  /** Points at which nodes were killed. */
  points: Map<string, number>
  /** Nodes that stood still for longer than their leases. */
  outlived(): number
  /** What took place, with its time. */
  schedule: string[]
  /** Resolves when all have ended; throws what the database or the bucket threw. */
  done(): Promise<void>
}

/** A node that does not come to its point is killed anyway. */
const patienceMs = 4000
/** Longer than a node may take by its documentation. */
const stopMs = 25_000
const leaseMs = 30_000

export function createDisturber(deps: {
  fleet: Fleet
  cluster: Cluster
  links: readonly CutProxy[]
  /** Null: media are files. */
  bucket: Bucket | null
  random: Random
}): Disturber {
  const { fleet, cluster, links, bucket, random } = deps
  const counts: Disturber['counts'] = new Map()
  const points: Disturber['points'] = new Map()
  const schedule: string[] = []
  const open = new Set<Promise<void>>()
  let isDatabaseBusy = false
  let outlived = 0
  let outliving = 0

  function note(kind: DisturbanceKind, what: string): void {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    schedule.push(`${new Date().toISOString()} ${kind} ${what}`)
  }
  /** One thing at a time is done to the database. */
  async function database(kind: DisturbanceKind, act: () => Promise<void>): Promise<void> {
    if (isDatabaseBusy) return
    isDatabaseBusy = true
    note(kind, '')
    try {
      await act()
    } finally {
      isDatabaseBusy = false
    }
  }
  async function promote(): Promise<void> {
    if (!(await cluster.hasStandby())) return
    await database('promote', async () => {
      await cluster.promote()
      for (const link of links) link.aim(cluster.url())
      schedule.push(`${new Date().toISOString()} promoted`)
      await cluster.addStandby()
      schedule.push(`${new Date().toISOString()} has a standby again`)
    })
  }
  async function killAtPoint({ present, index }: Node, { death }: Disturbance): Promise<void> {
    if (present === null) return
    present.arm(death)
    const timer = setTimeout(() => {
      note('kill', String(index))
      present.kill()
    }, patienceMs)
    const how = await present.ended
    clearTimeout(timer)
    if (how !== 'named') return
    note('kill_at_point', `${index} ${JSON.stringify(death)}`)
    points.set(death.point, (points.get(death.point) ?? 0) + 1)
  }
  async function standStill(node: Node, { forMs }: Disturbance): Promise<void> {
    const { present } = node
    const isLong = forMs > leaseMs
    // Two that stand for so long would leave nobody to take over.
    if (present === null || (isLong && outliving > 0)) return
    note('stand_still', `${node.index} for ${forMs} ms`)
    outliving += Number(isLong)
    node.leaves = true
    present.signal('SIGSTOP')
    await pause(forMs)
    present.signal('SIGCONT')
    node.leaves = false
    outliving -= Number(isLong)
    outlived += Number(isLong)
  }
  async function stop(node: Node): Promise<void> {
    const { present } = node
    if (present === null) return
    const began = Date.now()
    node.leaves = true
    present.stop(stopMs)
    const how = await present.ended
    schedule.push(`${new Date().toISOString()} ${node.index} ended after ${Date.now() - began} ms: ${how}`)
  }
  function restartNode(node: Node): Promise<void> {
    note('restart_node', String(node.index))
    return stop(node)
  }
  async function roll(): Promise<void> {
    note('roll', '')
    for (const node of fleet.nodes) {
      if (node.present === null || node.leaves) continue
      await stop(node)
      await fleet.listens(node)
    }
  }
  async function slow(node: Node, { forMs, delayMs }: Disturbance): Promise<void> {
    note('slow', `${node.index} by ${delayMs} ms for ${forMs} ms`)
    links[node.index]?.slow(delayMs)
    await pause(forMs)
    links[node.index]?.slow(0)
  }
  function cut(node: Node, { kind, share }: Disturbance): void {
    note(kind, String(node.index))
    links[node.index]?.cut(() => kind === 'cut_all' || random.chance(share))
  }
  async function disturbBucket(kind: BucketDisturbance, disturbance: Disturbance): Promise<void> {
    const acting = bucket?.disturb(kind, disturbance) ?? false
    if (acting === false) return
    note(kind, kind === 'restart_bucket' ? '' : `for ${disturbance.forMs} ms`)
    await acting
  }
  async function act(disturbance: Disturbance): Promise<void> {
    const { kind } = disturbance
    if (kind === 'promote') return promote()
    if (kind === 'restart_database') return database(kind, () => cluster.restart('fast'))
    if (kind === 'crash_database') return database(kind, () => cluster.restart('immediate'))
    if (kind === 'roll') return roll()
    if (isOfBucket(kind)) return disturbBucket(kind, disturbance)
    const node = fleet.from(disturbance.node)
    if (node === null) return
    if (kind === 'kill_at_point') return killAtPoint(node, disturbance)
    if (kind === 'stand_still') return standStill(node, disturbance)
    if (kind === 'restart_node') return restartNode(node)
    if (kind === 'slow') return slow(node, disturbance)
    if (kind === 'cut_all' || kind === 'cut_some') return cut(node, disturbance)
    if (kind === 'kill_at_start') node.nextDeath = disturbance.startDeath
    note(kind, String(node.index))
    node.present?.kill()
  }
  let failure: unknown = null
  return {
    counts,
    points,
    schedule,
    outlived: () => outlived,
    begin(disturbance) {
      const acting = act(disturbance)
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => open.delete(acting))
      open.add(acting)
    },
    async done() {
      while (open.size > 0) await Promise.all(open)
      if (failure !== null)
        throw new Error('the database or the bucket was not to be disturbed', { cause: failure })
    },
  }
}
