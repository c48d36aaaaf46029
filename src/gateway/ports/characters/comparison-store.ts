import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { CellScore, CellScores, Comparison } from '../../domain/characters/comparison.ts'
import type { ComparisonId } from '../../domain/ids.ts'

/** A comparison as stored, with the version that the next write must name. */
export interface StoredComparison {
  comparison: Comparison
  version: number
}

/** Comparisons and what people say of them. Every write is durable when its promise resolves, with its audit entry. */
export interface ComparisonStore {
  insert(comparison: Comparison, audit?: AuditEntry): Promise<void>
  get(id: ComparisonId): Promise<StoredComparison | null>
  /**
   * Takes comparisons whose `dueAt` has come, and keeps others from taking them before `until`. Oldest due first; of a tenant no
   * more than `perTenant` together with those `underWay`, and none of those.
   */
  claimDue(claim: {
    now: number
    until: number
    limit: number
    perTenant: number
    underWay: ReadonlyArray<Pick<Comparison, 'id' | 'tenant'>>
  }): Promise<StoredComparison[]>
  /** Counts an uncaught error against what was in hand then. */
  noteCrash(ids: readonly ComparisonId[]): Promise<void>
  /**
   * Frees what was in hand and counts the end of its process; what was in hand at too many ends is set aside instead, and
   * named. Any save of it clears the count. Only for an engine that no other process shares, at start.
   */
  releaseAll(now: number): Promise<Array<{ id: ComparisonId; until: number }>>
  /** Until when it is set aside; null where it is not, or is being tried again. */
  asideUntil(id: ComparisonId): Promise<number | null>
  /** Writes the next version, unless somebody else wrote one; an audit entry only with it. */
  save(next: Comparison, version: number, audit?: AuditEntry): Promise<'saved' | 'conflict'>
  /** The averages of each video that somebody scored. */
  scores(id: ComparisonId): Promise<CellScores[]>
  /** With its opinions; nothing where there is none. */
  remove(id: ComparisonId, audit?: AuditEntry): Promise<void>
  /** `too_many` where as many raters of its kind as may have scored already and this is another one; then nothing is kept. */
  putScores(
    id: ComparisonId,
    scores: readonly CellScore[],
    most: { byLink: number; byKey: number },
    audit?: AuditEntry,
  ): Promise<'stored' | 'too_many'>
}
