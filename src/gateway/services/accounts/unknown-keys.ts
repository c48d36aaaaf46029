import { admit } from '../../domain/scheduling/poll-pacing.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { auditEntry } from './audit-entry.ts'

const entryEveryMs = 1000
const burst = 60

/**
 * Records in the audit log that an address sends many unknown keys. At most one entry per second, so that many addresses
 * cannot fill the disk.
 */
export function createUnknownKeysWatch(deps: {
  audit: AuditLog
  ids: Ids
  clock: Clock
  logger: Logger
}): (address: string) => void {
  const { audit, clock, logger } = deps
  let slot = 0
  return (address) => {
    const admission = admit(slot, clock.now(), entryEveryMs, burst)
    if (!admission.admitted) return
    slot = admission.slot
    logger.warn({ address }, 'many requests with unknown keys from one address')
    const entry = {
      ...auditEntry(deps, { actor: null, action: 'authentication.failing', subject: null }),
      address,
    }
    audit.append(entry).catch((error: unknown) => {
      logger.error({ err: error }, 'failed to record failed authentication in the audit log')
    })
  }
}
