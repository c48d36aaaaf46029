import { textIn } from '../../api/search.ts'

/** The search parameters of the screen. */
export interface MoneySearch {
  /** The month, as `2026-11`. */
  month?: string | undefined
}

export function parseMoneySearch(search: Record<string, unknown>): MoneySearch {
  return { month: textIn(search['month']) }
}
