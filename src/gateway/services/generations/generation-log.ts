import { logLineOf } from '../../domain/observability/log-line.ts'
import type { Logger } from '../../ports/logger.ts'
import type { StoreListener } from './told-store.ts'

/** A line in the log for each event of a generation. */
export function createGenerationLog(logger: Logger): StoreListener {
  return {
    stored(generation, entries, requestId) {
      for (const entry of entries) {
        const { level, fields, message } = logLineOf(generation, entry, requestId)
        logger[level](fields, message)
      }
    },
    removed(id, audit) {
      const { tenant = null, key = null, requestId = null } = audit ?? {}
      logger.info({ generation: id, tenant, client: key, request_id: requestId }, 'generation deleted')
    },
  }
}
