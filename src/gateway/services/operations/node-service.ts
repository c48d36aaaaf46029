import { isSilent, isSkewed } from '../../domain/fleet/node.ts'
import type { FleetNode } from '../../domain/fleet/node.ts'
import type { Logger } from '../../ports/logger.ts'
import type { NodeRegistry } from '../../ports/operations/node-registry.ts'
import type { NodeService } from './nodes.ts'

/** `self`: this process as it is now. */
export function createNodeService({
  registry,
  self,
  logger,
}: {
  registry: NodeRegistry
  self: () => FleetNode
  logger: Logger
}): NodeService {
  let wasSkewed = false
  return {
    async list() {
      const { nodes, now } = await registry.list()
      const { id } = self()
      return nodes.map((node) => ({
        ...node,
        isSelf: node.id === id,
        silent: isSilent(node, now),
        skewed: isSkewed(node),
      }))
    },
    async beat() {
      const seen = await registry.beat(self())
      const skewed = isSkewed(seen)
      if (skewed && !wasSkewed)
        logger.warn(
          { seconds: seen.clockSkewMs / 1000 },
          'the clock of this machine differs from that of the database server; synchronize both (NTP)',
        )
      wasSkewed = skewed
      return 0
    },
    async leave() {
      await registry.leave(self().id).catch(() => undefined)
    },
  }
}
