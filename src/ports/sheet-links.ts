import type { ComparisonId } from '../domain/ids.ts'

/** Signed, expiring addresses of contact sheets, for people whose browsers have no key: to look at and to score. */
export interface SheetLinks {
  sign(id: ComparisonId, expiresAt: number): string
  /** What a valid, unexpired token stands for; null otherwise. Compared in constant time. */
  verify(token: string, now: number): ComparisonId | null
}
