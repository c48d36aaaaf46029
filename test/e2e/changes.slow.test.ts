import t from 'tap'
import { openChanges } from '../fixtures/change-stream.ts'
import { keys, startGateway } from './gateway.ts'

const studio = { authorization: `Bearer ${keys.studio}` }
const operator = { authorization: `Bearer ${keys.other}` }
const bank = { authorization: `Bearer ${keys.bank}` }
const word = 'zirconflower'
const body = { prompt: `a ${word} in the rain`, duration: 10 }

t.test('changes of a generation come as they happen, the last one too, without its prompt', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['operate'] } } })
  await using own = await openChanges(gateway.address, studio)
  await using all = await openChanges(gateway.address, operator)
  await using stranger = await openChanges(gateway.address, bank)
  const made = await gateway.generate(body)
  for (const stream of [own, all]) {
    const last = await stream.until(({ data }) => data.status === 'completed')
    t.match(last.data, {
      type: 'generation.changed',
      id: made.id,
      tenant: 'studio',
      progress: 100,
      state: 'succeeded',
      upstream: 'reseller',
      attempts: 1,
      error: null,
      cost_usd: 0.12,
      reserved_cost_usd: 0,
      paid_without_video_usd: 0,
    })
    t.equal(last.id, String(last.data.seq))
    t.notMatch(JSON.stringify(stream.events), new RegExp(word))
  }
  t.equal((await gateway.call('DELETE', `/generations/${made.id}`)).status, 204)
  t.match(await own.until(({ event }) => event === 'generation.removed'), { data: { id: made.id } })
  await gateway.call('POST', '/upstreams/reseller/pause', { reason: 'no credit' }, operator)
  const paused = await stranger.until(({ data }) => data.pause?.reason === 'no credit')
  t.equal(paused.data.id, 'reseller')
  t.same(
    stranger.events.filter(({ event }) => event.startsWith('generation')),
    [],
    'another tenant sees upstreams only',
  )
  const audit = await gateway.call('GET', '/audit?action=generations.listed', undefined, {
    authorization: `Bearer ${gateway.container.adminKey}`,
  })
  t.match(audit.body.data, [{ key: 'other', data: { tenant: null } }], 'who sees all is in the audit log')
})

t.test(
  'a stream goes on after a pause, says after a restart that it cannot, and ends with its key',
  async (t) => {
    const gateway = await startGateway(t)
    const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
    const input = { name: 'viewer', tenant: 'studio', scopes: ['read'] }
    const { body: key } = await gateway.call('POST', '/keys', input, admin)
    const viewer = { authorization: `Bearer ${key.secret}` }
    const { body: first } = await gateway.call('POST', '/generate', body)
    const stream = await openChanges(gateway.address, viewer)
    const { body: second } = await gateway.call('POST', '/generate', body)
    const { id } = await stream.until(({ data }) => data.id === second.id)
    t.notOk(
      stream.events.some(({ data }) => data.id === first.id),
      'without a number it starts from now on',
    )
    await stream[Symbol.asyncDispose]()
    const { body: third } = await gateway.call('POST', '/generate', body)
    const resumed = await openChanges(gateway.address, { ...viewer, 'last-event-id': id })
    t.match((await resumed.until(() => true)).data, { id: third.id, status: 'queued' })
    await gateway.restart(1000)
    await resumed.ended()
    const again = await openChanges(gateway.address, { ...viewer, 'last-event-id': id })
    t.match((await again.until(() => true)).data, { type: 'resync', reason: 'restarted' })
    await gateway.call('DELETE', `/keys/${key.id}`, undefined, {
      authorization: admin.authorization,
    })
    await again.ended()
    await t.rejects(openChanges(gateway.address, viewer), /401/)
  },
)
