import { monthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { ReadKeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { Clock } from '../../../ports/clock.ts'
import { fixedView, viewOf } from './key-views.ts'
import type { KeySource, KeyView } from '../keys.ts'

export interface ShowKey {
  /** A key made through the API. */
  made(key: GatewayKey): Promise<KeyView>
  /** A key that is not. */
  fixed(key: { client: Client; source: KeySource }): Promise<KeyView>
}

/** Shows keys with what they have used of their limits by now. */
export function createShowKey({ figures, clock }: { figures: ReadKeyFigures; clock: Clock }): ShowKey {
  return {
    async made(key) {
      const now = clock.now()
      const used = await figures({ tenant: key.tenant, key: key.name, monthStart: monthStart(now) })
      return viewOf(key, used, now)
    },
    async fixed(each) {
      const now = clock.now()
      const { tenant, key } = each.client
      return fixedView(each, await figures({ tenant, key, monthStart: monthStart(now) }), now)
    },
  }
}
