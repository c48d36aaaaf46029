import type { Json } from '../json.ts'
import type { VendorCharge } from './vendor-cost.ts'

/** A job at an upstream. `operation` is what the dialect needs to poll it. */
export interface Job {
  upstreamId: string
  operation: Json
  /** The model the upstream says it runs; null when it says nothing. */
  model: string | null
  /** How often a relay reports that it repeated the create. Absent if it reports nothing. */
  repeated?: number
}

/**
 * How a create can end, from the caller's point of view. The set is closed.
 * - `never_sent`: DNS, connect, TLS, breaker open, no slot: no byte of the request left.
 * - `rejected`: a definite no for now (rate limit, overload).
 * - `refused`: a moderation verdict.
 * - `invalid`: the request itself is wrong for this upstream; `elsewhere` when the complaint is about one of this upstream's
 *   own limits (length, size, model), so that another upstream may take it.
 * - `character_invalid`: a character reference is unknown or no longer permitted there.
 * - `upstream_down`: key, balance, model gone, paused: this upstream will not work for anyone for a while.
 * - `unknown`: bytes left and no definite answer came. Never repeated.
 */
export type CreateOutcome =
  | { type: 'accepted'; job: Job }
  /** `heldBack`: the gateway itself kept it. */
  | { type: 'never_sent'; message: string; retryAfterMs: number | null; heldBack?: true }
  | { type: 'rejected'; message: string; retryAfterMs: number | null }
  /** `modelGone`: the model is removed, paused or not deployed, so an early retry is pointless. */
  | { type: 'upstream_down'; message: string; retryAfterMs: number | null; modelGone?: boolean }
  | { type: 'refused' | 'character_invalid' | 'unknown'; message: string }
  | { type: 'invalid'; message: string; elsewhere: boolean }

/**
 * What a poll says about a job. `not_found` becomes a lost job only at the third in a row; `unreadable` (an odd body) and
 * `unreachable` (transport, 5xx, 429, auth) say nothing about the job and never end it. `aboutJob`: the answer speaks of this
 * one job, so that it says nothing about the upstream.
 */
export type JobReport =
  | {
      type: 'running'
      status: string
      progress: number | null
      retryAfterMs: number | null
      /** Jobs before this one, as the vendor counts them. Absent if it does not say. */
      queuePosition?: number
      /** The probable end behind an unknown status. It counts if nothing changes for a while. */
      apparent?: JobEnd
    }
  | JobEnd
  | { type: 'not_found'; message: string }
  | { type: 'unreadable'; message: string; aboutJob?: boolean }
  | { type: 'unreachable'; message: string; retryAfterMs: number | null; aboutJob?: boolean }

/** Whether the upstream told of the job: it runs there, or ended. */
export function tellsOfJob({ type }: JobReport): boolean {
  return knownJobs.has(type)
}

const knownJobs: ReadonlySet<JobReport['type']> = new Set(['running', 'completed', 'failed', 'refused'])

/** `unexplained`: the vendor gives no known reason. `charge`: the cost as reported by the vendor. */
export type JobEnd =
  | { type: 'completed'; result: Json; model: string | null; charge?: VendorCharge }
  | { type: 'failed'; message: string; retryable: boolean; unexplained?: true; charge?: VendorCharge }
  | { type: 'refused'; message: string; charge?: VendorCharge }

export type CancelOutcome =
  { type: 'cancelled' } | { type: 'unsupported' } | { type: 'not_cancelled'; message: string }

/**
 * How making a character on an upstream can end, and what asking about a character under way can say. `handle` is what the
 * dialect puts into a prompt or id list; `operation` is what it needs to ask again. Of an answer to asking, `refused` and
 * `invalid` are verdicts on the character, and every other failure says nothing about it.
 */
export type CharacterOutcome =
  | { type: 'ready'; handle: string }
  | { type: 'pending'; operation: Json; retryAfterMs: number | null }
  | { type: 'never_sent' | 'rejected' | 'upstream_down'; message: string; retryAfterMs: number | null }
  | { type: 'refused' | 'invalid' | 'unknown'; message: string }
