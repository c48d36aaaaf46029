import { configuredAlikeAfter, isConfiguredApart, isSilent, isSkewed } from '../../domain/fleet/node.ts'
import type { FleetNode, SeenNode } from '../../domain/fleet/node.ts'
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
  /** Since when other nodes are configured differently, by the clock of the registry. */
  let apartSince: number | null = null
  let isSaid = false

  /** Says once that nodes stay configured differently, and that they no longer are. */
  function compare(nodes: SeenNode[], now: number): void {
    const own = self()
    const apart = nodes.filter((node) => !isSilent(node, now) && isConfiguredApart(node, own))
    if (apart.length === 0) {
      if (isSaid) logger.info({}, 'all nodes have the same configuration again')
      apartSince = null
      isSaid = false
      return
    }
    apartSince ??= now
    if (isSaid || now - apartSince < configuredAlikeAfter) return
    logger.warn(
      { nodes: apart.map(({ id }) => id) },
      'other nodes have another configuration than this one; use the same file on all nodes and reload each (SIGHUP)',
    )
    isSaid = true
  }

  return {
    async list() {
      const { nodes, now } = await registry.list()
      const own = self()
      return nodes.map((node) => ({
        ...node,
        isSelf: node.id === own.id,
        silent: isSilent(node, now),
        skewed: isSkewed(node),
        configuredApart: isConfiguredApart(node, own),
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
      const { nodes, now } = await registry.list()
      compare(nodes, now)
      return 0
    },
    async leave() {
      await registry.leave(self().id).catch(() => undefined)
    },
  }
}
