import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { CellScore, CellScores, Comparison } from '../../domain/characters/comparison.ts'
import type { Money } from '../../domain/generation/money.ts'
import type { ComparisonId, GenerationId } from '../../domain/ids.ts'
import type { VersionOutcome } from '../generations/generation-store.ts'

/** A comparison as stored, with the version that the next write must name. */
export interface StoredComparison {
  comparison: Comparison
  version: number
}

/** Comparisons and their scores. Every write, with its audit entry, is durable when its promise resolves. */
export interface ComparisonStore {
  insert(comparison: Comparison, audit?: AuditEntry): Promise<void>
  get(id: ComparisonId): Promise<StoredComparison | null>
  /** Newest first; only those older than `before`. */
  list(query: { tenant: string; before: ComparisonId | null; limit: number }): Promise<Comparison[]>
  /** What their attempts cost by now, in micro-dollars; also of generations that were removed. */
  money(ids: readonly GenerationId[]): Promise<Map<GenerationId, Money>>
  /**
   * Claims due comparisons until `until`, oldest first. Excludes those `underWay`, and takes at most `perTenant` of
   * each tenant, including those `underWay`.
   */
  claimDue(claim: {
    now: number
    until: number
    limit: number
    perTenant: number
    underWay: ReadonlyArray<Pick<Comparison, 'id' | 'tenant'>>
  }): Promise<StoredComparison[]>
  /** Counts an uncaught error against the comparisons that were being worked on. */
  noteCrash(ids: readonly ComparisonId[]): Promise<void>
  /** Sets those of them aside that crashed too often; of an engine that one process has alone, the next start does. */
  setCrashedAside(
    ids: readonly ComparisonId[],
    now: number,
  ): Promise<Array<{ id: ComparisonId; until: number }>>
  /**
   * Frees all claims and counts a crash against each. A comparison with too many crashes is set aside instead, and
   * returned; any save resets the count. Call at start only, and only for an engine that no other process shares.
   */
  releaseAll(now: number): Promise<Array<{ id: ComparisonId; until: number }>>
  /** Until when it is set aside; null if it is not, or if it is being retried. */
  asideUntil(id: ComparisonId): Promise<number | null>
  /** Writes the next version and the audit entry, unless someone else wrote a version first. */
  save(next: Comparison, version: number, audit?: AuditEntry): Promise<VersionOutcome>
  /** The average scores of each video that was scored. */
  scores(id: ComparisonId): Promise<CellScores[]>
  /** What this rater scored. */
  scoresBy(id: ComparisonId, rater: string): Promise<CellScore[]>
  /** Removes it with its scores; does nothing if it does not exist. */
  remove(id: ComparisonId, audit?: AuditEntry): Promise<void>
  /** `too_many`: the limit of raters of this kind is reached and this is a new one; nothing is stored then. */
  putScores(
    id: ComparisonId,
    scores: readonly CellScore[],
    most: { byLink: number; byKey: number },
    audit?: AuditEntry,
  ): Promise<'stored' | 'too_many'>
}
