import { monthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { ReadKeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { TenantStore } from '../../../ports/accounts/tenant-store.ts'
import type { Clock } from '../../../ports/clock.ts'
import { fixedView, viewOf } from './key-views.ts'
import type { Used } from './key-views.ts'
import type { KeySource, KeyView } from '../keys.ts'

export interface ShowKey {
  /** A key made through the API. */
  made(key: GatewayKey): Promise<KeyView>
  /** A key that is not. */
  fixed(key: { client: Client; source: KeySource }): Promise<KeyView>
}

export interface ShowKeyDeps {
  figures: ReadKeyFigures
  tenants: Pick<TenantStore, 'get'>
  clock: Clock
}

/** Shows keys with what they have used of their limits by now. */
export function createShowKey({ figures, tenants, clock }: ShowKeyDeps): ShowKey {
  async function used(tenant: string, key: string, now: number): Promise<Used> {
    const month = monthStart(now)
    const { monthlyBudgetMicros } = await tenants.get(tenant)
    const tenantBudget = monthlyBudgetMicros !== null && {
      ...(await figures({ tenant, key: null, monthStart: month })),
      monthlyBudgetMicros,
    }
    return {
      figures: await figures({ tenant, key, monthStart: month }),
      tenantBudget: tenantBudget || null,
    }
  }
  return {
    async made(key) {
      const now = clock.now()
      return viewOf(key, await used(key.tenant, key.name, now), now)
    },
    async fixed(each) {
      const now = clock.now()
      const { tenant, key } = each.client
      return fixedView(each, await used(tenant, key, now), now)
    },
  }
}
