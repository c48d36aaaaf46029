import type { Logger } from '../../ports/logger.ts'

/** Counts spans that are not exported. Logs when the first one is lost, and when a batch is taken again. */
export interface Losses {
  lost(spans: number, reason: string): void
  exported(): void
  count(): number
}

export function createLosses(logger: Logger): Losses {
  let total = 0
  let isLosing = false
  return {
    lost(spans, reason) {
      total += spans
      if (isLosing) return
      isLosing = true
      logger.warn({ dropped: total, reason }, 'dropping spans: the trace collector does not take them')
    },
    exported() {
      if (!isLosing) return
      isLosing = false
      logger.info({ dropped: total }, 'the trace collector takes spans again')
    },
    count: () => total,
  }
}
