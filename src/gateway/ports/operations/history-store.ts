import type { HistoryVerdict, ServerHistory } from '../../domain/restore/promotion.ts'

/** Which history the database server has, and which one it had. */
export interface HistoryStore {
  /**
   * Compares the history of the server with the stored one and stores it. Where the verdict is `held`, the same transaction
   * holds what was not sent, as after a restore, so that of several nodes one decides. `now`: ms since the epoch.
   */
  compare(now: number): Promise<{ verdict: HistoryVerdict; history: ServerHistory }>
}
