import { monthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../../domain/ids.ts'
import type { ReadKeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { TenantStore } from '../../../ports/accounts/tenant-store.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { KeyUses } from '../key-uses.ts'
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
  uses: Pick<KeyUses, 'lastUse'>
  clock: Clock
}

/** Shows keys with what they have used of their limits by now. */
export function createShowKey({ figures, tenants, uses, clock }: ShowKeyDeps): ShowKey {
  async function used({ id, tenant, key }: { id: KeyId; tenant: string; key: string }, now: number) {
    const month = monthStart(now)
    const { monthlyBudgetMicros } = await tenants.get(tenant)
    const tenantBudget = monthlyBudgetMicros !== null && {
      ...(await figures({ tenant, key: null, monthStart: month })),
      monthlyBudgetMicros,
    }
    const shown: Used = {
      figures: await figures({ tenant, key, monthStart: month }),
      tenantBudget: tenantBudget || null,
      lastUsedAt: await uses.lastUse(id),
    }
    return shown
  }
  return {
    async made(key) {
      const now = clock.now()
      return viewOf(key, await used({ ...key, key: key.name }, now), now)
    },
    async fixed(each) {
      const now = clock.now()
      const { keyId: id, tenant, key } = each.client
      return fixedView(each, await used({ id, tenant, key }, now), now)
    },
  }
}
