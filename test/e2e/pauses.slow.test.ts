import t from 'tap'
import type { Test } from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const operator = { authorization: 'Bearer other-Zf1LnC8vXk5GwT3j' }
const scene = { prompt: 'a paper boat', duration: 5 }

async function start(t: Test) {
  return startGateway(t, { keys: { other: { scopes: ['operate'] } } })
}

const creates = ({ simulator }: Gateway, upstream = 'reseller') =>
  simulator.control.requests()[upstream]?.create ?? 0

const pause = (gateway: Gateway, path: string, body: object = { reason: 'out of credit' }) =>
  gateway.call('POST', `${path}/pause`, body, operator)
const resume = (gateway: Gateway, path: string) => gateway.call('POST', `${path}/resume`, undefined, operator)

t.test(
  'while everything is paused nothing is sent and nothing fails, and all of it ends after the release',
  async (t) => {
    const gateway = await start(t)
    const before = await gateway.call('POST', '/generate', scene)
    const paused = await pause(gateway, '/operations')
    t.match(paused, {
      status: 200,
      body: { upstream: null, reason: 'out of credit', until: null, by: 'other' },
    })
    const ids = [before.body.id]
    for (let count = 0; count < 5; count++) {
      const { status, body } = await gateway.call('POST', '/generate', scene)
      t.equal(status, 202, 'requests are accepted all the same')
      ids.push(body.id)
    }
    for (let turn = 0; turn < 20; turn++) await gateway.advance(5000)
    t.equal(creates(gateway) + creates(gateway, 'official'), 0)
    for (const id of ids) {
      const { body } = await gateway.call('GET', `/generations/${id}`)
      t.match(body, {
        status: 'queued',
        error: null,
        warnings: [
          { code: 'upstream_paused', detail: 'reseller: Submissions are paused: out of credit' },
          {},
        ],
      })
    }
    t.same((await resume(gateway, '/operations')).body, { resumed: true })
    t.same((await resume(gateway, '/operations')).body, { resumed: false })
    for (const id of ids) t.match(await gateway.finished(id), { status: 'completed' })
    t.equal(creates(gateway), ids.length, 'each was sent once')
  },
)

t.test('work goes around a paused upstream, and the reason is told', async (t) => {
  const gateway = await start(t)
  await pause(gateway, '/upstreams/reseller')
  const route = await gateway.call('POST', '/route', scene)
  t.match(route.body, {
    candidates: [{ upstream: 'official' }],
    excluded: [{ upstream: 'reseller', code: 'paused', detail: 'The upstream is paused: out of credit' }],
  })
  t.match(await gateway.generate(scene), { status: 'completed', attempts: [{ upstream: 'official' }] })
  t.equal(creates(gateway), 0)
  const { body } = await gateway.call('GET', '/upstreams', undefined, operator)
  const shown = body.data.find(({ id }: { id: string }) => id === 'reseller')
  t.match(shown, { enabled: true, pause: { upstream: 'reseller', reason: 'out of credit', by: 'other' } })
  const ready = await fetch(`${gateway.address}/health/ready`)
  t.equal(ready.status, 200)
  t.match(await ready.json(), {
    checks: [{}, {}, {}, {}, { name: 'pauses', ok: true, detail: 'Paused: reseller.' }],
  })
  await resume(gateway, '/upstreams/reseller')
  t.match(await gateway.generate(scene), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
})

t.test('jobs that an upstream has are polled and delivered while it is paused', async (t) => {
  const gateway = await start(t)
  const { id } = (await gateway.call('POST', '/generate', scene)).body
  while (creates(gateway) === 0) await gateway.advance(500)
  await pause(gateway, '/operations')
  t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
  t.equal(creates(gateway), 1)
})

t.test('a create that was about to leave when the pause was stored does not leave', async (t) => {
  let sends = 0
  const gateway: Gateway = await startGateway(t, {
    keys: { other: { scopes: ['operate'] } },
    wrap: {
      store: (store) => ({
        ...store,
        async save(next, terms) {
          if (terms.unlessPaused !== undefined && sends++ === 0) await pause(gateway, '/operations')
          return store.save(next, terms)
        },
      }),
    },
  })
  const { id } = (await gateway.call('POST', '/generate', scene)).body
  for (let turn = 0; turn < 5; turn++) await gateway.advance(5000)
  t.equal(sends, 1)
  t.equal(creates(gateway) + creates(gateway, 'official'), 0)
  await resume(gateway, '/operations')
  const ended = await gateway.finished(id)
  t.match(ended, { status: 'completed', attempts: [{ failure: { code: 'never_sent' }, cost_usd: 0 }, {}] })
  t.equal(creates(gateway) + creates(gateway, 'official'), 1)
})

t.test('a pause outlives a restart, and ends at its time', async (t) => {
  const gateway = await start(t)
  const until = new Date(gateway.now() + 600_000).toISOString()
  t.match(await pause(gateway, '/operations', { reason: 'maintenance', until }), {
    status: 200,
    body: { until },
  })
  const { id } = (await gateway.call('POST', '/generate', { ...scene, routing: { deadline_seconds: 3600 } }))
    .body
  await gateway.restart()
  for (let turn = 0; turn < 100; turn++) await gateway.advance(5000)
  t.equal(creates(gateway), 0)
  t.match(await gateway.finished(id), { status: 'completed' })
})

t.test('a deadline that passes in a pause says so', async (t) => {
  const gateway = await start(t)
  await pause(gateway, '/operations')
  const { id } = (await gateway.call('POST', '/generate', { ...scene, routing: { deadline_seconds: 60 } }))
    .body
  t.match(await gateway.finished(id), {
    status: 'failed',
    attempts: [],
    error: { message: /paused: out of credit/ },
  })
})

t.test('the pause is in the audit log, and bad ones say what is wrong', async (t) => {
  const gateway = await start(t)
  const bad: Array<[path: string, body: object, status: number, answer: object]> = [
    ['/upstreams/nobody', { reason: 'x' }, 404, { code: 'not_found' }],
    ['/operations', {}, 400, { errors: [{ pointer: '/reason' }] }],
    ['/operations', { reason: ' ' }, 400, { errors: [{ pointer: '/reason' }] }],
    ['/operations', { reason: 'x', until: '2020-01-01T00:00:00Z' }, 400, { errors: [{ pointer: '/until' }] }],
    ['/operations', { reason: 'x', until: 'soon' }, 400, { errors: [{ pointer: '/until' }] }],
    ['/operations', { reason: 'x', what: 'all' }, 400, { errors: [{ pointer: '/what' }] }],
  ]
  for (const [path, body, status, answer] of bad)
    t.match(await pause(gateway, path, body), { status, body: answer }, JSON.stringify(body))
  t.match(await gateway.call('POST', '/operations/pause', { reason: 'x' }), { status: 403 })
  await pause(gateway, '/upstreams/reseller')
  await resume(gateway, '/upstreams/reseller')
  await pause(gateway, '/operations')
  await resume(gateway, '/operations')
  const told = await auditOf(gateway)
  t.match(told, [
    { action: 'operations.resumed', subject: null },
    { action: 'operations.paused', subject: null, data: { reason: 'out of credit' } },
    { action: 'upstream.resumed', subject: 'reseller' },
    { action: 'upstream.paused', subject: 'reseller', data: { reason: 'out of credit', until: null } },
  ])
})

async function auditOf(gateway: Gateway) {
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const { body } = await gateway.call('GET', '/audit', undefined, admin)
  return body.data.filter(({ action }: { action: string }) => /paused|resumed/.test(action))
}
