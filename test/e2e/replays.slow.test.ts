import t from 'tap'
import type { Test } from 'tap'
import { ask, finished, makeCharacter } from './comparison-stage.ts'
import { keys, official, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const admin = { authorization: `Bearer ${keys.other}` }
const withAdmin = { keys: { other: { scopes: ['admin'] } } }

function post(gateway: Gateway, path: string, body: object, once?: string): Promise<Answer> {
  return gateway.call('POST', path, body, { ...admin, ...(once && { 'idempotency-key': once }) })
}

async function opens(gateway: Gateway, secret: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${secret}` }
  return (await gateway.call('GET', '/generations', undefined, headers)).status === 200
}

/** Repeating a request whose result was undone is rejected, with advice, also after a restart. */
async function isRefused(t: Test, gateway: Gateway, again: () => Promise<Answer>): Promise<void> {
  for (const when of ['at once', 'after a restart']) {
    const answer = await again()
    t.equal(answer.status, 409, `${when}: ${JSON.stringify(answer.body)}`)
    t.match(answer.body, { code: 'conflict', detail: /Use a new key/ }, when)
    if (when === 'at once') await gateway.restart()
  }
}

t.test('a rotation that is repeated after later ones changes nothing and gives no secret', async (t) => {
  const gateway = await startGateway(t, withAdmin)
  const { body: key } = await post(gateway, '/keys', { name: 'render-farm' })
  const path = `/keys/${key.id}/rotate`
  const turn = (once: string) => post(gateway, path, { grace_seconds: 0 }, once)
  const first = await turn('turn-1')
  t.equal((await turn('turn-1')).body.secret, first.body.secret, 'as long as it is in force')
  await turn('turn-2')
  await isRefused(t, gateway, () => turn('turn-1'))
  const last = await turn('turn-3')
  await isRefused(t, gateway, () => turn('turn-1'))
  t.notOk(await opens(gateway, first.body.secret), 'the old secret stays out of force')
  t.ok(await opens(gateway, last.body.secret), 'and the last one in force')
  const { body: audit } = await gateway.call('GET', '/audit?action=key.rotated', undefined, admin)
  t.equal(audit.data.length, 3)
})

t.test(
  'a key that was made, rotated twice and asked for again is not given with a dead secret',
  async (t) => {
    const gateway = await startGateway(t, withAdmin)
    const make = () => post(gateway, '/keys', { name: 'render-farm' }, 'make-1')
    const made = await make()
    for (const once of ['turn-1', 'turn-2'])
      await post(gateway, `/keys/${made.body.id}/rotate`, { grace_seconds: 0 }, once)
    await isRefused(t, gateway, make)
    t.notOk(await opens(gateway, made.body.secret))

    const other = () => post(gateway, '/keys', { name: 'second' }, 'make-2')
    const { body: second } = await other()
    t.equal((await gateway.call('DELETE', `/keys/${second.id}`, undefined, admin)).status, 204)
    await isRefused(t, gateway, other)
    const { body: list } = await gateway.call('GET', '/keys', undefined, admin)
    t.equal(list.data.filter(({ name }: { name: string }) => name === 'second').length, 1)
  },
)

t.test('a signing secret that was deleted or has expired is not made again by a repetition', async (t) => {
  const gateway = await startGateway(t)
  const make = (once: string) =>
    gateway.call('POST', '/webhook-secrets', { keep_others_seconds: 60 }, { 'idempotency-key': once })
  const first = await make('make-1')
  t.equal((await gateway.call('DELETE', `/webhook-secrets/${first.body.id}`)).status, 204)
  await isRefused(t, gateway, () => make('make-1'))
  await make('make-2')
  await make('make-3')
  await gateway.advance(61_000)
  await isRefused(t, gateway, () => make('make-2'))
  t.equal((await gateway.call('GET', '/webhook-secrets')).body.data.length, 1)
})

t.test('a comparison that was deleted is not bought again by a repetition', async (t) => {
  const gateway = await startGateway(t)
  await makeCharacter(gateway, 'tea_girl')
  const body = ask('tea_girl', { runs: 1 })
  const make = () => gateway.call('POST', '/comparisons', body, { 'idempotency-key': 'make-1' })
  const { body: made } = await make()
  t.equal((await gateway.call('DELETE', `/comparisons/${made.id}`)).status, 204)
  await isRefused(t, gateway, make)
})

const boat = { prompt: 'a paper boat', duration: 5 }
const sent = { prompt: 'a paper boat', seconds: '4' }

async function deleted(t: Test, gateway: Gateway, id: string): Promise<void> {
  await gateway.finished(id)
  t.equal((await gateway.call('DELETE', `/generations/${id}`)).status, 204)
}

/** Lets time pass, so that a second render would become visible. */
async function isTheOnly(t: Test, gateway: Gateway): Promise<void> {
  for (let step = 0; step < 5; step++) await gateway.advance(1000)
  t.equal(gateway.simulator.control.renders().length, 1, 'one render in all')
}

t.test('a generation that was deleted is not bought again by a repetition', async (t) => {
  const gateway = await startGateway(t)
  const once = { 'idempotency-key': 'take-1' }
  const make = (body: object = boat) => gateway.call('POST', '/generate', body, once)
  await deleted(t, gateway, (await make()).body.id)
  for (const when of ['at once', 'after a restart']) {
    t.match(
      await make(),
      { status: 409, body: { code: 'conflict', detail: /deleted.*use another Idempotency-Key/ } },
      when,
    )
    if (when === 'at once') await gateway.restart()
  }
  t.match(await make({ ...boat, duration: 10 }), { status: 422, body: { code: 'idempotency_key_reused' } })
  await isTheOnly(t, gateway)
  await gateway.advance(24 * 3600_000)
  await gateway.container.removeExpired()
  t.equal((await make()).status, 202, 'a day later the key is free, as every key')
})

for (const path of ['/v1/videos', '/v1/sora/generate']) {
  t.test(
    `a video of ${path} that was deleted is not bought again, and no SDK sends that again`,
    async (t) => {
      const isSora = path === '/v1/sora/generate'
      const gateway = await startGateway(t, isSora ? {} : { upstreams: [official] })
      const once = { 'idempotency-key': 'take-1' }
      const make = () => gateway.call('POST', path, isSora ? boat : sent, once)
      const { body: made } = await make()
      await deleted(t, gateway, made.id ?? made.task_id)
      t.match(await make(), {
        status: 400,
        body: {
          error: { type: 'invalid_request_error', code: 'conflict', message: /another Idempotency-Key/ },
        },
      })
      await isTheOnly(t, gateway)
    },
  )
}

t.test('the create of an SDK whose video was deleted is not bought again by its retries', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const send = (retry: number) =>
    gateway.call('POST', '/v1/videos', sent, { 'x-stainless-retry-count': String(retry) })
  await deleted(t, gateway, (await send(0)).body.id)
  for (const retry of [1, 2])
    t.match(await send(retry), { status: 400, body: { error: { code: 'conflict', message: /deleted/ } } })
  await isTheOnly(t, gateway)
})

t.test('a video of a comparison that was deleted before it was noted is not bought again', async (t) => {
  const state = { dying: true }
  const gateway = await startGateway(t, {
    wrap: {
      store: (store) => ({
        ...store,
        async insert(...asked) {
          const outcome = await store.insert(...asked)
          if (state.dying) throw new Error('the process dies')
          return outcome
        },
      }),
    },
  })
  await makeCharacter(gateway, 'tea_girl')
  const body = ask('tea_girl', { scenes: ['@tea_girl walks'], runs: 1, upstreams: ['reseller'] })
  const { body: made } = await gateway.call('POST', '/comparisons', body)
  await gateway.advance(1000)
  state.dying = false
  const { body: listed } = await gateway.call('GET', '/generations')
  const [{ id }] = listed.data
  await deleted(t, gateway, id)
  const { body: before } = await gateway.call('GET', `/comparisons/${made.id}`)
  t.match(before.cells, [{ generation_id: id, state: 'waiting' }], 'it is not noted')
  const after = await finished(gateway, made.id)
  t.match(after.cells, [{ generation_id: id, state: 'failed', failure: { code: 'deleted' } }])
  await isTheOnly(t, gateway)
})
