import type { Test } from 'tap'
import type {
  WebhookSecret,
  WebhookSecretStore,
} from '../../src/gateway/ports/webhooks/webhook-secret-store.ts'
import { START } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<WebhookSecretStore>

function secret(number: number, overrides: Partial<WebhookSecret> = {}): WebhookSecret {
  return {
    id: `wsec_${number}`,
    tenant: 'studio',
    createdAt: START + number,
    expiresAt: null,
    ...overrides,
  }
}

async function ids(store: WebhookSecretStore, now: number, tenant = 'studio'): Promise<string[]> {
  return (await store.list(tenant, now)).map(({ id }) => id)
}

/** What every WebhookSecretStore guarantees. */
export function webhookSecretStoreContract(t: Test, make: Make): void {
  t.test('a new secret ends the others of its tenant when it says so, and not before', async (t) => {
    const store = await make(t)
    t.equal(await store.insert(secret(1), START + 100, 4), 'inserted')
    await store.insert(secret(5, { tenant: 'other' }), START + 100, 4)
    t.same(await store.list('studio', START + 1), [secret(1)])
    t.equal(await store.insert(secret(2), START + 100, 4), 'inserted')
    t.same(await store.list('studio', START + 3), [secret(2), secret(1, { expiresAt: START + 100 })])
    t.same(await ids(store, START + 100), ['wsec_2'])
    t.same(await ids(store, START + 100, 'other'), ['wsec_5'])
  })

  t.test('an end that was nearer stays', async (t) => {
    const store = await make(t)
    await store.insert(secret(1), 0, 4)
    await store.insert(secret(2), START + 50, 4)
    await store.insert(secret(3), START + 500, 4)
    t.same(
      (await store.list('studio', START + 4)).map(({ expiresAt }) => expiresAt),
      [null, START + 500, START + 50],
    )
  })

  t.test('there are only so many at a time, and expired ones do not count', async (t) => {
    const store = await make(t)
    for (const number of [1, 2]) await store.insert(secret(number), START + 100, 2)
    t.equal(await store.insert(secret(3), START + 100, 2), 'full')
    t.same(await ids(store, START + 4), ['wsec_2', 'wsec_1'])
    t.equal(await store.insert(secret(3, { createdAt: START + 100 }), START + 200, 2), 'inserted')
    t.equal(await store.insert(secret(4, { createdAt: START + 101 }), START + 101, 2), 'inserted', 'at once')
    t.same(await ids(store, START + 101), ['wsec_4'])
  })

  t.test('a removed secret is gone at once, and only from its own tenant', async (t) => {
    const store = await make(t)
    await store.insert(secret(1), 0, 4)
    t.equal(await store.remove('other', 'wsec_1'), false)
    t.equal(await store.remove('studio', 'wsec_1'), true)
    t.equal(await store.remove('studio', 'wsec_1'), false)
    t.same(await ids(store, START), [])
  })
}
