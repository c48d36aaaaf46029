import type { Client } from '../../domain/accounts/client.ts'
import type { TenantSettings } from '../../ports/accounts/tenant-store.ts'
import type { KeyFigures } from '../../ports/accounts/read-key-figures.ts'

/** A tenant with what all of its keys have used of its budget. */
export interface TenantView extends TenantSettings, KeyFigures {
  name: string
  /** The start of the next month. */
  budgetResetsAt: number
}

/** Tenants, for who administers. Failures are thrown as `Problem`. */
export interface TenantService {
  /** In order of their names: tenants with a key, a budget or work. */
  list(
    client: Client,
    query: { after: string | null; limit: number },
  ): Promise<{ data: TenantView[]; hasMore: boolean }>
  get(client: Client, name: string): Promise<TenantView>
  /** A tenant needs no key for it, so that a budget can be there before the first key. */
  update(client: Client, name: string, settings: TenantSettings): Promise<TenantView>
}
