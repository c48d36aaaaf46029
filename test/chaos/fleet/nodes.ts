import { setTimeout as pause } from 'node:timers/promises'
import type { End, Incarnation, Nursery } from '../gateway.ts'
import type { Random } from '../random.ts'
import type { Death, Life } from '../plan.ts'

export const roles = ['all', 'api', 'worker'] as const
export type Role = (typeof roles)[number]

/** A place in the fleet: one process after another with the same configuration. */
export interface Node {
  readonly index: number
  readonly role: Role
  /** The process there, once it listens, until it has ended. */
  readonly present: Incarnation | null
  /** Whether it was told to stand still, or to end. */
  leaves: boolean
  /** Where its next process is killed. */
  nextDeath: Death | null
}

export interface Fleet {
  readonly nodes: readonly Node[]
  /** Where a caller is sent: to any node that listens and serves the API; null if there is none. */
  address(): string | null
  /** The first node from this one on that listens and is not about to leave. */
  from(index: number): Node | null
  /** How processes ended; those that did not come to listen, as `not started`. */
  ends: Map<End | 'not started', number>
  /** Resolves when this node listens, or after a minute. */
  listens(node: Node): Promise<boolean>
  /** Stops all processes in order, and starts others whose clocks are ahead; resolves when all listen. */
  settleDown(clockMs: number): Promise<void>
  /** How slow this machine is just now; 1 is idle. */
  slowness(): number
  /** Starts no other processes. */
  close(): void
}

/** A balancer in front of the fleet takes a moment to notice that a node does not answer. */
const sentToLeaving = 0.1
const restartMs = 300
const listensMs = 60_000
const settleMs = 60_000

/** Keeps a process running in each place, whatever ends it. */
export function createFleet(deps: {
  nursery: Nursery
  roles: readonly Role[]
  textOf: (index: number, role: Role) => string
  random: Random
}): Fleet {
  const { nursery, random, textOf } = deps
  const ends: Fleet['ends'] = new Map()
  const addresses = new Map<number, string>()
  const nodes = deps.roles.map((role, index) => ({
    index,
    role,
    present: null as Incarnation | null,
    leaves: false,
    nextDeath: null as Death | null,
    life: null as Incarnation | null,
  }))
  let clockMs = 0
  const closing = new AbortController()

  async function keep(node: (typeof nodes)[number]): Promise<void> {
    while (!closing.signal.aborted) {
      const life: Life = {
        death: node.nextDeath,
        after: null,
        clock: { byMs: clockMs, fromMs: 0 },
        diskFull: null,
      }
      node.nextDeath = null
      const incarnation = await nursery.start(textOf(node.index, node.role), life)
      node.life = incarnation
      const address = await incarnation.address
      if (address !== null) {
        node.present = incarnation
        addresses.set(node.index, address)
      }
      const how = await incarnation.ended
      node.present = null
      node.leaves = false
      addresses.delete(node.index)
      const counted = address === null && how === 'by itself' ? 'not started' : how
      ends.set(counted, (ends.get(counted) ?? 0) + 1)
      if (counted === 'not started') await pause(restartMs)
    }
  }
  const isLeaving = (index: number): boolean => nodes[index]?.leaves === true

  for (const node of nodes) void keep(node)
  return {
    nodes,
    ends,
    listens,
    address() {
      const open = nodes.filter(({ role, index }) => role !== 'worker' && addresses.has(index))
      const awake = open.filter(({ index }) => !isLeaving(index))
      const chosen = random.chance(sentToLeaving) || awake.length === 0 ? open : awake
      return chosen.length === 0 ? null : (addresses.get(random.pick(chosen).index) ?? null)
    },
    from(first) {
      const turned = [...nodes.slice(first), ...nodes.slice(0, first)]
      return turned.find(({ present, leaves }) => present !== null && !leaves) ?? null
    },
    async settleDown(aheadMs) {
      clockMs = aheadMs
      // What is killed keeps its leases for half a minute.
      const ending = nodes.map(async ({ life, present }) => {
        if (present === null) life?.kill()
        else present.stop(settleMs)
        await life?.ended
      })
      await Promise.all(ending)
      // A moment for the places to notice.
      await pause(0)
      for (const node of nodes) {
        if (!(await listens(node))) throw new Error(`node ${node.index} does not start`)
      }
    },
    slowness: () => Math.max(...nodes.map(({ present }) => present?.slowness() ?? 1)),
    close() {
      closing.abort()
    },
  }
}

async function listens(node: Node): Promise<boolean> {
  const deadline = Date.now() + listensMs
  while (node.present === null && Date.now() < deadline) await pause(20)
  return node.present !== null
}
