import t from 'tap'
import { keys, startGateway } from './gateway.ts'

t.test('who administers sees the configuration in force, without a secret', async (t) => {
  const gateway = await startGateway(t)
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const { status, body, headers } = await gateway.call('GET', '/configuration', undefined, admin)
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.match(body, {
    object: 'configuration',
    version: /^\d+\.\d+\.\d+/,
    node_version: process.versions.node,
    path: null,
    loaded_at: new Date(gateway.now()).toISOString(),
    digest: /^[0-9a-f]{12}$/,
    settings: { upstreams: [{ id: 'reseller', api_key: '********' }, { id: 'official' }] },
  })
  const text = JSON.stringify(body)
  for (const secret of [...Object.values(keys), 'reseller-key-0001', 'official-key-0001'])
    t.notOk(text.includes(secret))
  t.equal((await gateway.call('GET', '/configuration')).status, 403)
})
