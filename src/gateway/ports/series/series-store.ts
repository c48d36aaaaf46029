import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { SeriesId } from '../../domain/ids.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { SeriesEntry } from '../../domain/series/series-events.ts'
import type { Series, SeriesStatus } from '../../domain/series/series.ts'
import type { VersionOutcome } from '../generations/generation-store.ts'

/** A series as stored, with the version that the next write must name. */
export interface StoredSeries {
  series: Series
  version: number
}

export interface SeriesRecord extends SeriesEntry {
  /** Counts from 1 without gaps in each series. */
  seq: number
}

export interface SeriesQuery {
  tenant: string
  status: SeriesStatus | null
  /** Only those older than this id. */
  before: SeriesId | null
  limit: number
}

/** Stored with a version of a series, in the same transaction. */
export interface SeriesTerms {
  entries: SeriesEntry[]
  audit?: AuditEntry | undefined
  /** Replaces the stored requests of the scenes. */
  requests?: SceneRequest[] | undefined
}

/**
 * Series with the requests of their scenes and an ordered log. Every write is one transaction and is durable when its
 * promise resolves. Instants are ms since the epoch.
 */
export interface SeriesStore {
  insert(series: Series, requests: readonly SceneRequest[], terms: SeriesTerms): Promise<void>
  get(id: SeriesId): Promise<StoredSeries | null>
  /** The requests of its scenes, in order; empty if the series does not exist. */
  requests(id: SeriesId): Promise<SceneRequest[]>
  /** Newest first. */
  list(query: SeriesQuery): Promise<Series[]>
  /**
   * Claims due series until `until`, oldest first. Excludes those `underWay`, and takes at most `perTenant` of each
   * tenant, including those `underWay`.
   */
  claimDue(claim: {
    now: number
    until: number
    limit: number
    perTenant: number
    underWay: ReadonlyArray<Pick<Series, 'id' | 'tenant'>>
  }): Promise<StoredSeries[]>
  /** Counts an uncaught error against the series that were being worked on. */
  noteCrash(ids: readonly SeriesId[]): Promise<void>
  /** Sets those of them aside that crashed too often; of an engine that one process has alone, the next start does. */
  setCrashedAside(ids: readonly SeriesId[], now: number): Promise<Array<{ id: SeriesId; until: number }>>
  /**
   * Frees all claims and counts a crash against each. A series with too many crashes is set aside instead, and
   * returned; any save resets the count. Call at start only, and only for an engine that no other process shares.
   */
  releaseAll(now: number): Promise<Array<{ id: SeriesId; until: number }>>
  /** Until when it is set aside; null if it is not, or if it is being retried. */
  asideUntil(id: SeriesId): Promise<number | null>
  /** Writes the next version and its `terms`, unless someone else wrote a version first. */
  save(next: Series, version: number, terms?: SeriesTerms): Promise<VersionOutcome>
  /** Releases a claim without a change. */
  putBack(id: SeriesId, version: number, dueAt: number | null): Promise<void>
  /** Removes this version with its log; `conflict` if someone else wrote another version. */
  remove(id: SeriesId, version: number, audit?: AuditEntry): Promise<'removed' | 'conflict'>
  /** Records after this one, oldest first. */
  events(id: SeriesId, afterSeq: number, limit: number): Promise<SeriesRecord[]>
}
