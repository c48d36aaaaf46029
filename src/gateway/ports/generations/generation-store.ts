import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type {
  Generation,
  GenerationStatus,
  LogEntry,
  LogEntryType,
} from '../../domain/generation/generation.ts'
import type { AttemptId, CharacterId, GenerationId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import type { UsageQuery, UsageSums } from './usage-reports.ts'

/** A generation as stored, with the version that the next write must name. */
export interface Stored {
  generation: Generation
  version: number
}

/** A generation that was taken to be worked on. */
export interface Claimed extends Stored {
  /** What the ends of the process count that it was in hand at, since a step of it was last stored by another process. */
  crashPoints: number
}

/** A generation that nobody takes up before `until`. */
export interface SetAside {
  id: GenerationId
  until: number
}

export interface LogRecord {
  seq: number
  type: LogEntryType
  at: number
  data: { [key: string]: Json }
}

/** A remembered create: the first answer to an idempotency key. `response` is the body that was answered, as JSON text. */
export interface IdempotencyRecord {
  key: string
  requestHash: string
  response: string
}

/** A create by a client that sends it again, by itself, when its answer is lost. */
export interface ClientCreate {
  path: string
  requestHash: string
}

/** The same create again, the `retry`th time (1 and up); what it repeats is not older than `since`. */
export interface CreateRetry extends ClientCreate {
  tenant: string
  key: string
  since: number
  retry: number
}

export type InsertOutcome =
  | { type: 'inserted' }
  | { type: 'key_used'; requestHash: string; response: string }
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

/** An attempt that takes a slot of its upstream: binding, submitting or running, or unknown while its generation waits for it. */
export interface LiveAttempt {
  id: AttemptId
  upstream: string
}

/** Where an attempt is found. Its generation is null once that was removed. */
export interface AttemptPlace {
  attemptId: AttemptId
  generationId: GenerationId | null
}

/** The last 500 finished attempts of one upstream in a recent window, without those whose failure says nothing about it. */
export interface AttemptStatistics {
  upstream: string
  succeeded: number
  failed: number
  /** Of the failed, those for no reason that is known. */
  unexplained: number
  /** Median milliseconds from accepted to ended over the succeeded ones; null when none. */
  latencyMs: number | null
}

/**
 * Generations, their attempts, their event log, and idempotency keys. Every write is one transaction and is durable when
 * its promise resolves; an audit entry is a part of it and is kept only if the write is. Instants are ms since the epoch and come from the caller's clock.
 */
export interface GenerationStore {
  insert(
    generation: Generation,
    entries: LogEntry[],
    idempotency: IdempotencyRecord | null,
    limits: InsertLimits,
    audit?: InsertAudit,
    create?: ClientCreate,
  ): Promise<InsertOutcome>
  /**
   * The latest create that a client's retry can mean. It is the answer of one retry of each number only, so that two equal
   * requests whose answers are both lost find one generation each.
   */
  takeRetried(retry: CreateRetry): Promise<GenerationId | null>
  /** The record of an idempotency key younger than `since`. */
  findIdempotency(tenant: string, key: string, since: number): Promise<IdempotencyRecord | null>
  get(id: GenerationId): Promise<Stored | null>
  /** Newest first. */
  list(query: ListQuery): Promise<Generation[]>
  /**
   * Takes up to `limit` generations whose `dueAt` has come and whose lease is free or expired: of each lane as many as
   * `free` says (absent: any number), no lane more than its share of `limit`, the oldest of each first. One whose deadline
   * has come is taken whatever it waits for.
   */
  claimDue(claim: {
    now: number
    owner: string
    leaseUntil: number
    limit: number
    free?: (lane: string) => number
  }): Promise<Claimed[]>
  /**
   * Writes the next version. `lease` names who must still hold the lease (a worker's write) and whether to let go of it;
   * null is for writes that need no lease (a caller's cancel; what a vendor answered after the lease was lost), which are
   * fenced by the version alone and leave the lease as it is. With a `claim` it is a `conflict` too when another attempt owns
   * that job by then.
   */
  save(
    next: Generation,
    version: number,
    entries: LogEntry[],
    lease: { owner: string; release: boolean } | null,
    audit?: AuditEntry,
    claim?: JobClaim,
  ): Promise<SaveOutcome>
  /** Lets go of a lease without a change, but for the lane that it waits in where one is named. */
  release(id: GenerationId, owner: string, lane?: string): Promise<void>
  renew(ids: GenerationId[], owner: string, leaseUntil: number): Promise<void>
  /** Counts an uncaught error of this owner against what it has in hand. What is stored of them by this owner from then on is no excuse. */
  noteCrash(ids: GenerationId[], owner: string): Promise<void>
  /**
   * Frees every lease, and counts the end of its owner; what was in hand at too many ends is set aside instead, and named.
   * Only for an engine that no other process shares, at start.
   */
  releaseAll(now: number): Promise<SetAside[]>
  remove(id: GenerationId, audit?: AuditEntry): Promise<void>
  /** Log records with a higher `seq`, in order. */
  events(id: GenerationId, afterSeq: number, limit: number): Promise<LogRecord[]>
  liveAttempts(): Promise<LiveAttempt[]>
  statistics(since: number): Promise<AttemptStatistics[]>
  /** Whether an attempt of ours already owns this job of an upstream. */
  ownsJob(upstream: string, upstreamId: string): Promise<boolean>
  /** The attempts of ours that own one of these jobs of an upstream. */
  ownersOf(upstream: string, upstreamIds: string[]): Promise<AttemptPlace[]>
  /** Where an attempt is; null where there never was one. */
  placeOf(id: AttemptId): Promise<AttemptPlace | null>
  /**
   * Attempts started at or after `since` of which it is unknown whether the upstream took them, or of which a person said that
   * it did not; newest first.
   */
  unknownAttempts(upstream: string, since: number, limit: number): Promise<AttemptPlace[]>
  /** How many creates at an upstream have no answer yet, or lost it: submitting or unknown. Counts up to `limit`. */
  unansweredCreates(upstream: string, limit: number): Promise<number>
  /** What a key has spent, reserved, and may still come to spend on what is unfinished, since the start of a month. */
  committedMicros(tenant: string, key: string, monthStart: number): Promise<number>
  /** What attempts came to, those of removed generations included. */
  usage(query: UsageQuery): Promise<UsageSums>
  /**
   * Brings the running totals of a file from an earlier release up to its attempts, a batch at a time; how many rows were
   * counted. Until 0 comes back, budgets and reports are made from the attempts themselves.
   */
  countLedger(): Promise<number>
  /** Generations whose video has been in the archive since before this instant, oldest first. */
  videosBefore(instant: number, limit: number): Promise<Stored[]>
  /** Forgets idempotency records older than this instant. */
  pruneIdempotency(before: number): Promise<void>
  /** Forgets at most `limit` creates of clients that are older than this instant. */
  pruneCreates(before: number, limit: number): Promise<void>
  /** The earliest `dueAt` not under a lease, in lanes that have a place free (absent: all); null when nothing waits. */
  nextDueAt(free?: (lane: string) => number): Promise<number | null>
}
