import type { LogEntryType } from '../../domain/generation/history.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'

export interface LogRecord {
  seq: number
  type: LogEntryType
  at: number
  data: { [key: string]: Json }
}

/** The event log of generations. */
export interface GenerationHistory {
  /** Log records with a higher `seq`, in order. */
  events(id: GenerationId, afterSeq: number, limit: number): Promise<LogRecord[]>
}
