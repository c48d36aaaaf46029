import type { AskedSpan } from './asked-span.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { UsageDimension, UsageSums } from '../../ports/generations/usage-reports.ts'

/** A caller's question as parsed at the border; null means "not said". Instants are ms since the epoch. */
export interface UsageQuestion extends AskedSpan {
  groupBy: readonly UsageDimension[]
  /** Whether days or hours without attempts are rows too. */
  fill: boolean
}

/** `tenant` is null where the report is of every tenant. */
export interface UsageReport extends UsageSums {
  tenant: string | null
  from: number
  to: number
  groupBy: readonly UsageDimension[]
}

export interface UsageService {
  /**
   * What was paid, and for what. Of the client's own tenant; with the scope `admin`, `observe` or `operate` of any one, or of all. Without a time it
   * is the current month in UTC. Throws `forbidden` for another tenant, and `validation_failed` for a time that is none.
   */
  report(client: Client, question: UsageQuestion): Promise<UsageReport>
}
