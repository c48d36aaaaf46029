import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { SpendLimit } from '../../domain/steering/spend-cap.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'
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
  | { type: 'over_tenant_budget'; committedMicros: number }
  | { type: 'too_many_in_flight'; inFlight: number }

/**
 * Limits that hold for the key at the moment of the insert, checked in the same transaction, as is the budget of its tenant,
 * which the store reads itself.
 */
export interface InsertLimits {
  /** The start of the current month (ms since the epoch), and the key's ceiling for it. */
  monthStart: number
  monthlyBudgetMicros: number | null
  maxInFlight: number | null
}

/** An audit entry, and how much must be committed for it to be written. */
export interface NearBudget {
  atMicros: number
  entry: AuditEntry
}

/** Audit entries to be written in the transaction of an insert. */
export interface InsertAudit {
  accepted: AuditEntry
  /** An additional entry, written if the insert brings the key's commitments of the month to this amount. */
  nearBudget: NearBudget | null
  /** The same for the budget of the tenant, if it has one. Takes that budget. */
  nearTenantBudget?: (monthlyBudgetMicros: number) => NearBudget
}

/**
 * `saved`; `conflict`: someone else wrote a newer version, reload and decide again; `lease_lost`: the lease is no longer
 * this owner's; `missing`: deleted; `paused`: creates may not leave to `unlessPaused`; `over_spend_cap`: `spendLimit` does
 * not allow it; `no_slot`: `slot` does not; any other: the limits of `reopens` do not.
 */
export type SaveOutcome =
  | 'saved'
  | 'conflict'
  | 'lease_lost'
  | 'missing'
  | 'paused'
  | 'over_spend_cap'
  | 'no_slot'
  | 'over_budget'
  | 'over_tenant_budget'
  | 'too_many_in_flight'
/** The outcome of a save that needs no lease. */
export type VersionOutcome = Extract<SaveOutcome, 'saved' | 'conflict'>

/** A job of an upstream that an attempt is about to take over. */
export interface JobClaim {
  attemptId: AttemptId
  upstream: string
  upstreamId: string
}

/** At most `limit` attempts take up a slot of an upstream at the instant `at` (ms since the epoch). */
export interface SlotLimit {
  upstream: string
  limit: number
  at: number
}

/** A lease that a new generation is stored with. */
export interface FirstLease {
  owner: string
  /** Milliseconds since the epoch. */
  until: number
  /** Told of the generation as it will be stored, once that is queued: what is queued in answer is stored after it, if it is stored. */
  storing(this: void, generation: Generation): void
}

/** What is stored with a new generation, and the limits that it must keep. */
export interface InsertTerms {
  entries: LogEntry[]
  idempotency: FirstAnswer | null
  limits: InsertLimits
  audit?: InsertAudit | undefined
  create?: ClientCreate | undefined
  /** Absent: it waits to be claimed. */
  lease?: FirstLease | undefined
}

/** The fence of a save, and what is stored with it. */
export interface SaveTerms {
  /** The version that was read; if there is a newer one, the save is a `conflict`. */
  version: number
  entries: LogEntry[]
  /**
   * The lease that must still be held (for writes of workers), and whether to release it. Null for writes without a
   * lease, such as a cancel by the caller, or a response that arrived after the lease was lost: only the version is
   * checked, and the lease stays as it is.
   */
  lease: { owner: string; release: boolean } | null
  audit?: AuditEntry | undefined
  /** With a claim, the save is also a `conflict` if another attempt owns that job. */
  claim?: JobClaim | undefined
  /** An upstream, and the present (ms since the epoch): nothing is saved while submissions to it are paused. */
  unlessPaused?: { upstream: string; at: number } | undefined
  /** For an attempt that starts: nothing is saved if it does not fit below the cap of its upstream. */
  spendLimit?: SpendLimit | undefined
  /** For an attempt that starts where other processes start some too: nothing is saved without a free slot. */
  slot?: SlotLimit | undefined
  /** The generation had ended and goes on, if this amount fits into the limits of its key. */
  reopens?: (InsertLimits & { worstMicros: number }) | undefined
}

/**
 * Generations. A write stores attempts, event log and idempotency key in the same transaction and is durable when its
 * promise resolves. An audit entry is stored only if the write is. Instants are ms since the epoch, from the caller's
 * clock.
 */
export interface GenerationStore {
  insert(generation: Generation, terms: InsertTerms): Promise<InsertOutcome>
  get(id: GenerationId): Promise<Stored | null>
  /** What `get` answers, for who changes nothing of it: while the generation is as it was, the same object again. */
  current(id: GenerationId): Promise<Stored | null>
  /** Writes the next version, unless the fence rejects it. */
  save(next: Generation, terms: SaveTerms): Promise<SaveOutcome>
  remove(id: GenerationId, audit?: AuditEntry): Promise<void>
  /** Generations whose video was archived before this instant, oldest first. */
  videosBefore(instant: number, limit: number): Promise<Stored[]>
}
