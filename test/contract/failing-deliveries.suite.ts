import type { Test } from 'tap'
import type { DeliveryId } from '../../src/gateway/domain/ids.ts'
import { afterTry, askedAgain } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { DeliveryOutcome } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { FailingKind } from '../../src/gateway/domain/webhooks/failing-delivery.ts'
import { START } from '../fixtures/generation.ts'
import { claim, down, gone, insert, LATER, taken, wanting } from './delivery-builders.ts'
import type { DeliveryStores, Make } from './delivery-builders.ts'

const url = 'https://hooks.example/x'

/** One generation with one delivery, which was tried once at `at`; its id. */
async function tried(stores: DeliveryStores, tenant: string, outcome: DeliveryOutcome | null, at = START) {
  const generation = wanting(url, { tenant }, ['generation.queued'])
  await insert(stores, generation, 'generation.queued')
  const [claimed] = (await claim(stores)).filter(({ delivery }) => delivery.generationId === generation.id)
  if (claimed === undefined) throw new Error('the delivery is not due')
  if (outcome !== null) {
    const next = afterTry(claimed.delivery, { at, ms: 1, outcome }, 0.5)
    await stores.deliveries.recordTry(next, 'worker-1')
  }
  return claimed.delivery.id
}

export function failingDeliveriesContract(t: Test, make: Make): void {
  t.test('what is not accepted is listed by kind and tenant, newest first, in pages', async (t) => {
    const stores = await make(t)
    const { deliveries } = stores
    const retried = await tried(stores, 'studio', down)
    await tried(stores, 'studio', taken)
    const failed = await tried(stores, 'studio', down, LATER)
    const disabled = await tried(stores, 'bank', gone)
    await tried(stores, 'bank', null)
    const list = async (kind: FailingKind, tenant: string | null, before: DeliveryId | null = null) =>
      (await deliveries.failing({ kind, tenant, before, limit: 2 })).map(({ id }) => id)
    t.same(await list('failing', null), [disabled, failed])
    t.same(await list('failing', null, failed), [retried])
    t.same(await list('given_up', null), [disabled, failed])
    t.same(await list('retrying', null), [retried])
    t.same(await list('failing', 'studio'), [failed, retried])
    t.same(await list('given_up', 'studio'), [failed])
    t.same(await list('retrying', 'bank'), [])

    const again = await deliveries.get(failed)
    await deliveries.requeue(askedAgain(again!, LATER), LATER)
    t.same(await list('failing', 'studio'), [retried], 'one that is sent again does not fail until it does')
  })
}
