import type { ComparisonId } from '../../domain/ids.ts'

/** Signed, expiring URLs of contact sheets, for people who view and score them in a browser, without a key. */
export interface SheetLinks {
  /** `round` is `Comparison.linkRound`; links of earlier rounds are invalid. */
  sign(id: ComparisonId, round: number, expiresAt: number): string
  /** The content of a valid, unexpired token; null otherwise. Compares in constant time. */
  verify(token: string, now: number): { id: ComparisonId; round: number } | null
}
