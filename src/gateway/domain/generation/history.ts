import type { Json } from '../json.ts'

export const openStatuses = ['queued', 'in_progress'] as const
export const finalStatuses = ['completed', 'failed', 'cancelled'] as const
export const generationStatuses = [...openStatuses, ...finalStatuses] as const
export type GenerationStatus = (typeof generationStatuses)[number]

/** One line of a generation's history, before the store numbers it. `data` never holds a prompt or a secret. */
export interface LogEntry {
  type: LogEntryType
  at: number
  data: { [key: string]: Json }
}

export const logEntryTypes = [
  'generation.queued',
  'generation.warning',
  'generation.resubmitted',
  'generation.completed',
  'generation.failed',
  'generation.cancelled',
  'generation.late_video',
  'generation.video_expired',
  'attempt.started',
  'attempt.rebinding',
  'attempt.submitting',
  'attempt.accepted',
  'attempt.progress',
  'attempt.unknown',
  'attempt.resolved',
  'attempt.contradicted',
  'attempt.abandoned',
  'attempt.archiving',
  'attempt.succeeded',
  'attempt.failed',
  'attempt.settled',
  'attempt.cost_differs',
] as const
export type LogEntryType = (typeof logEntryTypes)[number]
