import t from 'tap'
import type { Test } from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const bank = bearer(keys.bank)
const order = { prompt: 'a mill by a river', duration: 10 }

async function start(t: Test) {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  receiver.respond = () => 503
  const admin = bearer(gateway.container.adminKey ?? '')
  const key = async (scopes: string[]) => {
    const input = { name: scopes.join('-'), tenant: 'desk', scopes }
    return bearer((await gateway.call('POST', '/keys', input, admin)).body.secret)
  }
  const make = async (as: Record<string, string>) => {
    await gateway.call('POST', '/webhook-secrets', {}, as)
    const webhook_url = `${receiver.url}/T0/B1?token=of-the-receiver`
    const { id } = await gateway.generate({ ...order, webhook_url }, as)
    for (let step = 0; step < 100; step++) {
      const { data } = (await gateway.call('GET', `/generations/${id}/deliveries`, undefined, as)).body
      if (data[0]?.tries.length > 0) return data[0]
      await gateway.advance(0)
    }
    throw new Error('the webhook was not tried')
  }
  return { gateway, receiver, admin, key, make }
}

const list = async (gateway: Gateway, query = '', as = {}) =>
  (await gateway.call('GET', `/deliveries${query}`, undefined, as)).body

t.test('a tenant finds its failing webhooks over all generations, until they are accepted', async (t) => {
  const { gateway, receiver, make } = await start(t)
  const [mine, foreign] = [await make({}), await make(bank)]
  const { data, has_more } = await list(gateway, '?state=failing')
  t.equal(has_more, false)
  t.match(data, [
    {
      id: mine.id,
      object: 'delivery',
      tenant: 'studio',
      generation_id: mine.generation_id,
      type: 'generation.completed',
      url: `${receiver.url}/T0/B1?token=of-the-receiver`,
      state: 'pending',
      failed_tries: 1,
      last_try: { status: 503, message: 'Answered 503.' },
      next_try_at: /^20/,
    },
  ])
  t.equal(data.length, 1)
  t.match(await list(gateway, '?state=retrying'), { data: [{ id: mine.id }] })
  t.same((await list(gateway, '?state=given_up')).data, [])
  t.same((await list(gateway, '?tenant=bank')).data, [], 'none of another tenant')
  t.match((await list(gateway, '', bank)).data, [{ id: foreign.id, tenant: 'bank' }])
  t.equal((await gateway.call('GET', '/deliveries?state=lost')).status, 400)

  receiver.respond = () => 410
  await gateway.advance(10_000)
  t.match(await settled(gateway, '?state=given_up'), [{ id: mine.id, state: 'disabled', next_try_at: null }])
  receiver.respond = () => 204
  t.equal((await gateway.call('POST', `/deliveries/${mine.id}/redeliver`)).status, 202)
  t.same((await list(gateway)).data, [], 'it is sent again')
})

/** The first page that is not empty. */
async function settled(gateway: Gateway, query: string, as = {}) {
  for (let step = 0; step < 100; step++) {
    const { data } = await list(gateway, query, as)
    if (data.length > 0) return data
    await gateway.advance(0)
  }
  return []
}

t.test(
  'an observer sees those of every tenant without their secrets; an operator sends them again',
  async (t) => {
    const { gateway, receiver, admin, key, make } = await start(t)
    const [mine, foreign] = [await make({}), await make(bank)]
    const [observer, operator] = [await key(['observe']), await key(['operate'])]
    const trusted = await key(['observe', 'operate_prompts'])
    for (const as of [observer, operator]) {
      const { data } = await list(gateway, '?limit=10', as)
      t.match(data, [
        { id: foreign.id, tenant: 'bank', url: receiver.url, last_try: { status: 503 } },
        { id: mine.id, tenant: 'studio', url: receiver.url },
      ])
      t.notMatch(JSON.stringify(data), /\/T0|of-the-receiver/)
    }
    t.match((await list(gateway, '', trusted)).data[0], { url: `${receiver.url}/T0/B1` })
    t.notMatch(JSON.stringify(await list(gateway, '', trusted)), /of-the-receiver/)
    t.match((await list(gateway, '?tenant=studio', observer)).data, [{ id: mine.id }])
    const page = await list(gateway, '?limit=1', observer)
    t.match(page, { data: [{ id: foreign.id }], has_more: true, next_cursor: foreign.id })
    t.match(await list(gateway, `?limit=1&cursor=${page.next_cursor}`, observer), {
      data: [{ id: mine.id }],
      has_more: false,
    })
    t.equal((await gateway.call('GET', '/deliveries', undefined, admin)).status, 403)

    const again = (as: Record<string, string>) =>
      gateway.call('POST', `/deliveries/${foreign.id}/redeliver`, undefined, as)
    t.equal((await again(observer)).status, 403)
    t.equal((await again({})).status, 404, 'to a tenant it does not exist')
    receiver.respond = () => 204
    const answer = await again(operator)
    t.match(answer, { status: 202, body: { id: foreign.id, state: 'pending', url: receiver.url } })
    t.notMatch(JSON.stringify(answer.body), /\/T0|of-the-receiver/)
    const told = (await gateway.call('GET', '/audit?action=delivery.redelivered', undefined, admin)).body.data
    t.match(told, [
      {
        tenant: 'desk',
        key: 'operate',
        subject: foreign.id,
        data: { tenant: 'bank', generation: foreign.generation_id },
      },
    ])
    for (let step = 0; step < 100 && (await list(gateway, '', bank)).data.length > 0; step++)
      await gateway.advance(0)
    t.match((await list(gateway, '', observer)).data, [{ id: mine.id }])
  },
)
