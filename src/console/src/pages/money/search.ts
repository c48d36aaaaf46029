import { textIn } from '../../api/search.ts'
import { groupsIn } from '../../rules/usage-rows.ts'
import { isDay, isMonth } from '../../rules/usage-span.ts'

/** The search parameters of the screen. */
export interface MoneySearch {
  /** The month, as `2026-11`. */
  month?: string | undefined
  /** Instead of a month: the first and the last day, as `2026-11-22`. */
  from?: string | undefined
  to?: string | undefined
  /** What the table is grouped by, separated by commas. */
  by?: string | undefined
  tenant?: string | undefined
}

export function parseMoneySearch(search: Record<string, unknown>): MoneySearch {
  const [month, from, to, by] = ['month', 'from', 'to', 'by'].map((name) => textIn(search[name]))
  return {
    month: isMonth(month) ? month : undefined,
    from: isDay(from) ? from : undefined,
    to: isDay(to) ? to : undefined,
    by: by === undefined ? undefined : groupsIn(by).join(','),
    tenant: textIn(search['tenant']),
  }
}
