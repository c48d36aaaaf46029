import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationStatus, LogEntry } from '../../domain/generation/history.ts'
import type { AttemptId, CharacterId, GenerationId } from '../../domain/ids.ts'
import type { ClientCreate, FirstAnswer } from './idempotency-store.ts'

/** A generation as stored, with the version that the next write must name. */
export interface Stored {
  generation: Generation
  version: number
}

export type InsertOutcome =
  | { type: 'inserted' }
  | { type: 'key_used'; requestHash: string; response: string | null }
  | { type: 'over_budget'; committedMicros: number }
  | { type: 'too_many_in_flight'; inFlight: number }

/** Limits that hold for the key at the moment of the insert, checked in the same transaction. */
export interface InsertLimits {
  /** Start of the current month (ms since epoch), and the key's ceiling for it. */
  monthStart: number
  monthlyBudgetMicros: number | null
  maxInFlight: number | null
}

/** What the audit log is told of an insert, in its transaction. */
export interface InsertAudit {
  accepted: AuditEntry
  /** Told too when the key's commitments of the month come to this much with the insert. */
  nearBudget: { atMicros: number; entry: AuditEntry } | null
}

export interface ListQuery {
  tenant: string
  status: GenerationStatus | null
  /** Only those that use this character. */
  character: CharacterId | null
  /** Only those older than this id; newer ones where the oldest come first. */
  before: GenerationId | null
  /** Absent or false: newest first. */
  oldestFirst?: boolean
  limit: number
}

/**
 * `saved`; `conflict`: someone else wrote a newer version, reload and decide again; `lease_lost`: the lease is no longer
 * this owner's; `missing`: deleted.
 */
export type SaveOutcome = 'saved' | 'conflict' | 'lease_lost' | 'missing'

/** A job of an upstream that an attempt is about to take for its own. */
export interface JobClaim {
  attemptId: AttemptId
  upstream: string
  upstreamId: string
}

/** What is stored with a new generation, and the limits that it must keep. */
export interface InsertTerms {
  entries: LogEntry[]
  idempotency: FirstAnswer | null
  limits: InsertLimits
  audit?: InsertAudit | undefined
  create?: ClientCreate | undefined
}

/** What a save of a generation's next version is fenced by, and what is stored with it. */
export interface SaveTerms {
  /** The version that was read; a newer one is a `conflict`. */
  version: number
  entries: LogEntry[]
  /**
   * Who must still hold the lease (a worker's write), and whether to let go of it. Null is for writes that need no lease (a
   * caller's cancel; what a vendor answered after the lease was lost): they are fenced by the version alone and leave the lease
   * as it is.
   */
  lease: { owner: string; release: boolean } | null
  audit?: AuditEntry | undefined
  /** With a claim it is a `conflict` too when another attempt owns that job by then. */
  claim?: JobClaim | undefined
}

/**
 * Generations. A write stores their attempts, their event log and idempotency keys too: it is one transaction and is durable
 * when its promise resolves; an audit entry is a part of it and is kept only if the write is. Instants are ms since the epoch
 * and come from the caller's clock.
 */
export interface GenerationStore {
  insert(generation: Generation, terms: InsertTerms): Promise<InsertOutcome>
  get(id: GenerationId): Promise<Stored | null>
  /** Newest first. */
  list(query: ListQuery): Promise<Generation[]>
  /** Writes the next version, unless its fence holds it off. */
  save(next: Generation, terms: SaveTerms): Promise<SaveOutcome>
  remove(id: GenerationId, audit?: AuditEntry): Promise<void>
  /** Generations whose video has been in the archive since before this instant, oldest first. */
  videosBefore(instant: number, limit: number): Promise<Stored[]>
}
