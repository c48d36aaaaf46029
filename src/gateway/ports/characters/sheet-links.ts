import type { ComparisonId } from '../../domain/ids.ts'

/** Signed, expiring addresses of contact sheets, for people whose browsers have no key: to look at and to score. */
export interface SheetLinks {
  /** `round` is `Comparison.linkRound`: of earlier ones no link is valid. */
  sign(id: ComparisonId, round: number, expiresAt: number): string
  /** What a valid, unexpired token stands for; null otherwise. Compared in constant time. */
  verify(token: string, now: number): { id: ComparisonId; round: number } | null
}
