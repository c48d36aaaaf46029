import t from 'tap'
import type { Test } from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, startGateway } from './gateway.ts'

const prompt = 'a zirconflower in the rain'
const scene = { prompt, duration: 8 }
const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }

async function start(t: Test, other: string[]) {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [{ ...official, id: 'first', models: ['sora-2'] }],
    keys: { other: { scopes: other }, bank: { scopes: ['operate', 'operate_prompts'] } },
    settings: { first: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('first'))
  return { vendor, gateway }
}

t.test('a vendor that names the prompt as its model tells it to no other tenant', async (t) => {
  const { vendor, gateway } = await start(t, ['operate'])
  vendor.answerWith(({ method }, { status, body }) =>
    method === 'POST' ? { status, body: JSON.stringify({ ...JSON.parse(body), model: prompt }) } : null,
  )
  const { body } = await gateway.call('POST', '/generate', scene)
  await gateway.advance(60_000)
  const read = async (as?: Record<string, string>) =>
    (await gateway.call('GET', `/generations/${body.id}`, undefined, as)).body
  const outline = await read(operator)
  t.match(outline.warnings, [{ code: 'model_substituted', detail: /other than the requested/ }])
  t.notMatch(JSON.stringify(outline), 'zirconflower')
  for (const as of [undefined, trusted])
    t.match((await read(as)).warnings, [{ code: 'model_substituted', detail: /zirconflower/ }])
})

t.test(
  'a vendor that repeats the prompt of one tenant as it turns a model away tells no other tenant',
  async (t) => {
    const { vendor, gateway } = await start(t, ['generate'])
    vendor.answerWith(({ method }) =>
      method === 'POST'
        ? {
            status: 404,
            body: JSON.stringify({
              error: { code: 'model_not_found', message: `The model was not found: ${prompt.slice(2, -3)}` },
            }),
          }
        : null,
    )
    const { body } = await gateway.call('POST', '/generate', scene)
    await gateway.advance(1000)
    const own = await gateway.call('GET', `/generations/${body.id}`)
    t.match(own.body.attempts, [{ failure: { message: /zirconflower/ } }], 'who wrote it sees it')
    const seen = [
      await gateway.call('POST', '/route', { ...scene, prompt: 'a mill' }, operator),
      await gateway.call('GET', '/upstreams', undefined, operator),
      await gateway.call('POST', '/generate', { ...scene, prompt: 'a mill' }, operator),
    ]
    t.match(JSON.stringify(seen), /not found/, 'that the model is gone is told')
    await gateway.advance(1000)
    const list = await gateway.call('GET', '/generations', undefined, operator)
    t.notMatch(JSON.stringify([...seen, list]), 'zirconflower')
  },
)
