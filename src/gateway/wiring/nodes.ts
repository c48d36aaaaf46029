import { digestOf, sharedDigestOf } from '../config/digest.ts'
import { nodeTimes } from '../domain/fleet/node.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { version } from '../process/version.ts'
import { createNodeService } from '../services/operations/node-service.ts'
import type { NodeService } from '../services/operations/nodes.ts'
import { Janitor } from '../workers/janitor.ts'
import { createLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import type { InForce } from './reload.ts'

type Parts = Parameters<typeof createLimits>[0] & {
  settings: InForce
  clock: Clock
  logger: Logger
  /** Empty before it listens. */
  listensOn: () => string
}

/** What nodes count together; and tells the other nodes of this one, from `heart.start()` to the end of the process. */
export function openNodes(
  opened: AsyncDisposableStack,
  parts: Parts,
): { limits: Limits; nodes: NodeService; heart: Pick<Janitor, 'start'> } {
  const { nodeId, settings, clock, logger, listensOn } = parts
  const limits = createLimits(parts)
  const startedAt = clock.now()
  const self = () => {
    const { config } = settings.current
    const address = listensOn()
    return {
      id: nodeId,
      role: config.server.role,
      version,
      digest: digestOf(config),
      sharedDigest: sharedDigestOf(config),
      address: address === '' ? null : address,
      startedAt,
    }
  }
  const nodes = createNodeService({ ...limits, self, logger })
  const heart = new Janitor(() => nodes.beat(), logger, nodeTimes.beat)
  opened.defer(async () => {
    await heart.stop()
    await limits.turns.leave()
    await nodes.leave()
  })
  return { limits, nodes, heart }
}
