import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { BreakerReset, Operation } from '../../domain/routing/upstream.ts'
import type { ProbeReport } from '../../domain/steering/probe.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { probeUpstream } from './probe-upstream.ts'

/** What an operator does to one upstream, besides pausing it. Both throw `not_found` for one that is not configured. */
export interface SteerUpstreams {
  /** Resolves once the next call of this operation goes out. */
  resetBreaker(client: Client, upstream: string, operation: Operation): Promise<BreakerReset>
  /** Asks it everything that costs nothing. */
  probe(client: Client, upstream: string): Promise<ProbeReport>
}

export function createSteerUpstreams(deps: {
  directory: UpstreamDirectory
  audit: AuditLog
  clock: Clock
  ids: Ids
  logger: Logger
  /** Takes up at once what waited. */
  onWork: () => void
}): SteerUpstreams {
  const { directory, audit, logger } = deps
  const running = new Map<string, Promise<ProbeReport>>()

  /** Several operators who probe at the same time share one probe. */
  function probeOnce(upstream: Upstream): Promise<ProbeReport> {
    const { id } = upstream.spec
    const found = running.get(id)
    if (found !== undefined) return found
    const probing = probeUpstream(upstream).finally(() => running.delete(id))
    running.set(id, probing)
    return probing
  }

  return {
    async resetBreaker(client, id, operation) {
      const upstream = configured(directory, id)
      const entry = {
        actor: client,
        action: 'upstream.breaker_reset',
        subject: id,
        data: { operation },
      } as const
      await audit.append(auditEntry(deps, entry))
      const reset = upstream.resetBreaker(operation)
      logger.info({ upstream: id, operation, before: reset.before, models: reset.models }, 'breaker reset')
      deps.onWork()
      return reset
    },
    async probe(client, id) {
      const upstream = configured(directory, id)
      await audit.append(auditEntry(deps, { actor: client, action: 'upstream.probed', subject: id }))
      const report = await probeOnce(upstream)
      const calls = Object.fromEntries(report.calls.map(({ operation, status }) => [operation, status]))
      logger.info({ upstream: id, calls }, 'upstream probed')
      return report
    },
  }
}

function configured(directory: UpstreamDirectory, id: string): Upstream {
  const upstream = directory.get(id)
  if (upstream === undefined) throw new Problem('not_found', `No upstream "${id}" is configured.`)
  return upstream
}
