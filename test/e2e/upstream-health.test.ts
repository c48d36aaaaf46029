import t from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { official, reverse, startGateway } from './gateway.ts'

t.test('failures for no reason that is known are counted for the upstream that had them', async (t) => {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [reverse, official],
    settings: { reseller: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  vendor.answerWith(({ method }, { status, body }) => {
    if (method !== 'GET' || !body.startsWith('{')) return null
    return { status, body: JSON.stringify({ ...JSON.parse(body), status: 'failed', video_url: undefined }) }
  })
  const scene = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
  const generation = await gateway.generate(scene)
  t.match(generation.attempts.at(-1), { state: 'failed', failure: { code: 'unexplained' } })
  await gateway.advance(60_000)
  // The statistics are outdated by then. This request refreshes them for the next one.
  await gateway.call('GET', '/upstreams')
  const { body } = await gateway.call('GET', '/upstreams')
  const health = Object.fromEntries(
    body.data.map(({ id, health }: { id: string; health: object }) => [id, health]),
  )
  t.match(health, {
    reseller: { unexplained_failures: generation.attempts.length },
    official: { unexplained_failures: 0 },
  })
})
