import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { SubmissionPause } from '../../domain/routing/submission-pause.ts'

/** The pauses of submissions, each stored with its audit entry in one transaction. */
export interface PauseStore {
  /** Also those that have run out. */
  all(): Promise<SubmissionPause[]>
  /** Replaces a pause of the same target. */
  put(pause: SubmissionPause, entry: AuditEntry): Promise<void>
  /** False, and nothing is written, if the target was not paused. */
  remove(target: string, entry: AuditEntry): Promise<boolean>
}
