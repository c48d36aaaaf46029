import { readFile, readdir } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import { ask, makeCharacter } from './comparison-stage.ts'
import { keys, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const admin = { authorization: `Bearer ${keys.other}` }

interface Repeated {
  path: string
  body: object
  /** Another request. */
  changed: object
  headers?: Record<string, string>
}

/** Three calls with one key, with a restart after the first, count as one call; another body with that key is rejected. */
async function isOnceOnly(t: Test, gateway: Gateway, asked: Repeated): Promise<Answer> {
  const { path, body, changed, headers = {} } = asked
  const keyed = { ...headers, 'idempotency-key': 'take-1' }
  const first = await gateway.call('POST', path, body, keyed)
  t.ok(first.status < 300, `${path} ${JSON.stringify(first.body)}`)
  t.equal(first.headers.get('idempotent-replayed'), null)
  await gateway.restart()
  for (const time of ['again', 'and again']) {
    const answer = await gateway.call('POST', path, body, keyed)
    t.equal(answer.status, first.status, `${path} ${time}`)
    t.equal(answer.headers.get('idempotent-replayed'), 'true', `${path} ${time}`)
    t.equal(answer.body.id, first.body.id)
    t.equal(answer.body.task_id, first.body.task_id)
    t.equal(answer.body.secret, first.body.secret, 'with its secret')
  }
  const conflict = await gateway.call('POST', path, changed, keyed)
  t.equal(conflict.status, 422, JSON.stringify(conflict.body))
  const unkeyed = await gateway.call('POST', path, body, { ...headers, 'idempotency-key': 'take-2' })
  t.not(unkeyed.body.id ?? unkeyed.body.task_id, first.body.id ?? first.body.task_id)
  return first
}

t.test('a comparison that is asked for again is one comparison', async (t) => {
  const gateway = await startGateway(t)
  await makeCharacter(gateway, 'tea_girl')
  const body = ask('tea_girl', { runs: 1 })
  await isOnceOnly(t, gateway, { path: '/comparisons', body, changed: { ...body, runs: 2 } })
})

t.test('a video of the reseller surface that is asked for again is one video', async (t) => {
  const gateway = await startGateway(t)
  const body = { prompt: 'a paper boat', duration: 5 }
  await isOnceOnly(t, gateway, { path: '/v1/sora/generate', body, changed: { ...body, duration: 10 } })
  t.equal((await gateway.call('GET', '/generations')).body.data.length, 2)
})

t.test('a key that is asked for again is one key with one secret, which opens', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['admin'] } } })
  const keyed = { ...admin, 'idempotency-key': 'take-1' }
  const body = { name: 'render-farm' }
  const first = await gateway.call('POST', '/keys', body, keyed)
  await gateway.restart()
  const again = await gateway.call('POST', '/keys', body, keyed)
  t.match(again.body, { id: first.body.id, secret: first.body.secret })
  t.equal((await gateway.call('POST', '/keys', { name: 'another' }, keyed)).status, 422)
  const made = { authorization: `Bearer ${first.body.secret}` }
  t.equal((await gateway.call('GET', '/generations', undefined, made)).status, 200)

  const path = `/keys/${first.body.id}/rotate`
  const rotated = await gateway.call(
    'POST',
    path,
    { grace_seconds: 0 },
    { ...admin, 'idempotency-key': 'turn-1' },
  )
  await gateway.restart()
  const repeated = await gateway.call(
    'POST',
    path,
    { grace_seconds: 0 },
    { ...admin, 'idempotency-key': 'turn-1' },
  )
  t.equal(repeated.body.secret, rotated.body.secret)
  t.not(rotated.body.secret, first.body.secret)
  const next = await gateway.call(
    'POST',
    path,
    { grace_seconds: 3600 },
    { ...admin, 'idempotency-key': 'turn-2' },
  )
  t.not(next.body.secret, rotated.body.secret)
  t.equal(
    (await gateway.call('GET', '/generations', undefined, { authorization: `Bearer ${rotated.body.secret}` }))
      .status,
    200,
  )
  const audit = await gateway.call('GET', '/audit', undefined, admin)
  t.equal(audit.body.data.filter(({ action }: { action: string }) => action === 'key.rotated').length, 2)
})

t.test('a signing secret that is asked for again is one secret', async (t) => {
  const gateway = await startGateway(t)
  await isOnceOnly(t, gateway, {
    path: '/webhook-secrets',
    body: { keep_others_seconds: 60 },
    changed: { keep_others_seconds: 61 },
  })
  t.equal((await gateway.call('GET', '/webhook-secrets')).body.data.length, 2)
})

t.test('no file of the database holds a secret that can be answered again', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['admin'] } } })
  const keyed = { ...admin, 'idempotency-key': 'known to its caller only' }
  const { body } = await gateway.call('POST', '/keys', { name: 'render-farm' }, keyed)
  for (const name of await readdir(gateway.directory, { recursive: true })) {
    const bytes = await readFile(`${gateway.directory}/${name}`).catch(() => Buffer.alloc(0))
    t.notOk(bytes.includes(body.secret), name)
    t.notOk(bytes.includes(keyed['idempotency-key']), name)
  }
})
