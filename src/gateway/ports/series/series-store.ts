import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { SeriesId } from '../../domain/ids.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { SeriesEntry } from '../../domain/series/series-events.ts'
import type { Series, SeriesStatus } from '../../domain/series/series.ts'

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

/** What is stored with a version of a series, in the same transaction. */
export interface SeriesTerms {
  entries: SeriesEntry[]
  audit?: AuditEntry | undefined
  /** In the place of what the scenes asked for before. */
  requests?: SceneRequest[] | undefined
}

/**
 * Series with what their scenes ask for, and their own ordered log. Every write is one transaction and is durable when its
 * promise resolves. Instants are ms since the epoch.
 */
export interface SeriesStore {
  insert(series: Series, requests: readonly SceneRequest[], terms: SeriesTerms): Promise<void>
  get(id: SeriesId): Promise<StoredSeries | null>
  /** What its scenes ask for, in their order; empty where there is no such series. */
  requests(id: SeriesId): Promise<SceneRequest[]>
  /** Newest first. */
  list(query: SeriesQuery): Promise<Series[]>
  /**
   * Takes series whose `dueAt` has come, and keeps others from taking them before `until`. Oldest due first; of a tenant no more
   * than `perTenant` together with those `underWay`, and none of those.
   */
  claimDue(claim: {
    now: number
    until: number
    limit: number
    perTenant: number
    underWay: ReadonlyArray<Pick<Series, 'id' | 'tenant'>>
  }): Promise<StoredSeries[]>
  /** Counts an uncaught error against what was in hand then. */
  noteCrash(ids: readonly SeriesId[]): Promise<void>
  /**
   * Frees what was in hand and counts the end of its process; what was in hand at too many ends is set aside instead, and named.
   * Any save of it clears the count. Only for an engine that no other process shares, at start.
   */
  releaseAll(now: number): Promise<Array<{ id: SeriesId; until: number }>>
  /** Until when it is set aside; null where it is not, or is being tried again. */
  asideUntil(id: SeriesId): Promise<number | null>
  /** Writes the next version, unless somebody else wrote one; what belongs to it only with it. */
  save(next: Series, version: number, terms?: SeriesTerms): Promise<'saved' | 'conflict'>
  /** Lets go of what was in hand and did not change. */
  putBack(id: SeriesId, version: number, dueAt: number | null): Promise<void>
  /** Removes this version with its log; `conflict` where somebody else wrote another. */
  remove(id: SeriesId, version: number, audit?: AuditEntry): Promise<'removed' | 'conflict'>
  /** Records after this one, oldest first. */
  events(id: SeriesId, afterSeq: number, limit: number): Promise<SeriesRecord[]>
}
