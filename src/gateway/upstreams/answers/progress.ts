/**
 * Converts the progress formats of vendors to an integer percentage: 45, 45.5, "45%", "45" and 0.45
 * (docs/vendors/failure-modes.md#odd-progress); null if there is none. 1 is one percent: only values strictly between 0
 * and 1 are fractions.
 */
export function readProgress(value: unknown): number | null {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return null
  const isFraction = number > 0 && number < 1 && !(typeof value === 'string' && value.includes('%'))
  return Math.min(100, Math.max(0, Math.floor(isFraction ? number * 100 : number)))
}
