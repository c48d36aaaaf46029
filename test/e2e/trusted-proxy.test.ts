import t from 'tap'
import type { Test } from 'tap'
import { startGateway } from './gateway.ts'

/** Who made a key, as the audit log tells it: the caller says to be forwarded for 192.0.2.7. */
async function addressTold(t: Test, trusted: string[]): Promise<string> {
  const gateway = await startGateway(t, { server: { trust_proxy: trusted } })
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const forwarded = { ...admin, 'x-forwarded-for': '198.51.100.1, 192.0.2.7' }
  t.equal((await gateway.call('POST', '/keys', { name: 'new' }, forwarded)).status, 201)
  const { body } = await gateway.call('GET', '/audit?action=key.created', undefined, admin)
  return body.data[0].address
}

t.test('forwarded addresses are believed from the proxies that are trusted, one hop at a time', async (t) => {
  t.equal(await addressTold(t, []), '127.0.0.1', 'nobody is trusted by default')
  t.equal(await addressTold(t, ['203.0.113.0/24']), '127.0.0.1', 'this proxy is not trusted')
  t.equal(
    await addressTold(t, ['127.0.0.0/8']),
    '192.0.2.7',
    'the last hop, not what the caller wrote before it',
  )
  t.equal(await addressTold(t, ['127.0.0.1', '192.0.2.7']), '198.51.100.1', 'a chain of trusted proxies')
})
