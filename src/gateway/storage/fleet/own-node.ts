import type { FleetNode } from '../../domain/fleet/node.ts'
import type { Clock } from '../../ports/clock.ts'
import type { NodeRegistry } from '../../ports/operations/node-registry.ts'

/** Where one process owns the database: itself. */
export function createOwnNode(clock: Clock): NodeRegistry {
  let own: FleetNode | null = null
  const seen = (node: FleetNode) => ({ ...node, seenAt: clock.now(), clockSkewMs: 0 })
  return {
    async beat(node) {
      own = node
      return seen(node)
    },
    list: async () => ({ nodes: own === null ? [] : [seen(own)], now: clock.now() }),
    async leave(id) {
      if (own?.id === id) own = null
    },
  }
}
