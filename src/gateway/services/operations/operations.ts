import type { Client } from '../../domain/accounts/client.ts'
import type { readinessChecks } from '../../domain/observability/readiness.ts'
import type { MovedAway } from '../../domain/restore/moved-away.ts'
import type { SubmissionPause } from '../../domain/routing/submission-pause.ts'
import type { UpstreamView } from '../../domain/routing/upstream.ts'
import type { UpstreamSearch } from '../../ports/operations/hold-store.ts'
import type { MissingMedia } from '../restore/missing-media.ts'
import type { SteerUpstreams } from './steer-upstreams.ts'
import type { OpenMedia } from '../generations/generations.ts'

/** Checks one bearer token; null when no key matches. Keys are compared hashed, in constant time. */
export type Authenticate = (token: string) => Client | null

/** Whether the key of a client still opens anything: it is not revoked, expired, or gone from the configuration. */
export type IsValid = (client: Client) => boolean

export interface ReadinessReport {
  ready: boolean
  checks: Array<{
    name: (typeof readinessChecks)[number]
    ok: boolean
    detail: string | null
  }>
}

export interface RestoreReport {
  heldSince: number | null
  movedAway: MovedAway | null
  searches: UpstreamSearch[]
  missing: MissingMedia
}

export interface OperationsService extends SteerUpstreams {
  upstreams(): Promise<UpstreamView[]>
  readiness(): Promise<ReadinessReport>
  /**
   * Lets go what a restore holds; false when nothing was held. Throws a Problem when an upstream cannot be searched for what was
   * sent since, unless `unsearched`.
   */
  release(client: Client, unsearched: boolean): Promise<boolean>
  /**
   * Keeps creates from an upstream, or from all where it is null, until it is resumed or, in ms since the epoch, `until`.
   * Resolves once no create is committed any more. Throws `not_found` for an upstream that is not configured.
   */
  pause(
    client: Client,
    upstream: string | null,
    asked: { reason: string; until: number | null },
  ): Promise<SubmissionPause>
  /** False if submissions were not paused. */
  resume(client: Client, upstream: string | null): Promise<boolean>
  /** What a restore holds, what upstreams made since the copy was taken, and which files the archive lacks. */
  restore(): Promise<RestoreReport>
  /** The file behind a signed media token; null when the token is invalid or expired or the file is gone. */
  sharedMedia(token: string): Promise<OpenMedia | null>
}
