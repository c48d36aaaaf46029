import { fastify } from 'fastify'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { keys, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const gateway = await startGateway(t)
const { control } = gateway.simulator
const other = { authorization: `Bearer ${keys.other}` }
const scene = { prompt: 'a paper boat', duration: 10, metadata: { shot: '12b', take: '1' } }

t.beforeEach(() => control.reset())

let number = 0
function newKey(): { 'idempotency-key': string } {
  number += 1
  return { 'idempotency-key': `order-${number}` }
}

function generate(body: unknown, headers: Record<string, string>): Promise<Answer> {
  return gateway.call('POST', '/generate', body, headers)
}

/** A form whose file is a clip of this length. */
async function formWith(seconds: number): Promise<FormData> {
  const form = new FormData()
  const bytes = new Uint8Array(await aClip({ seconds, width: 320, height: 240 }))
  form.set('reference', new Blob([bytes], { type: 'video/mp4' }), 'walk.mp4')
  form.set('prompt', 'a paper boat')
  return form
}

async function count(headers: Record<string, string> = {}): Promise<number> {
  const { body } = await gateway.call('GET', '/generations?limit=100', undefined, headers)
  return body.data.length
}

t.test('the same request under the same key gets the first answer again, and is rendered once', async (t) => {
  const key = newKey()
  const first = await generate(scene, key)
  t.equal(first.status, 202)
  t.equal(first.headers.get('idempotent-replayed'), null)
  await gateway.finished(first.body.id)

  const { metadata, prompt, duration } = scene
  const reordered = { metadata: { take: metadata.take, shot: metadata.shot }, duration, prompt }
  for (const body of [scene, reordered]) {
    const again = await generate(body, key)
    t.equal(again.status, 202)
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    t.equal(again.headers.get('location'), first.headers.get('location'))
    t.same(again.body, first.body)
  }
  t.equal(control.renders().length, 1)
})

t.test('another request under the same key is refused, and the first one is left alone', async (t) => {
  const key = newKey()
  const first = await generate(scene, key)
  for (const body of [
    { ...scene, duration: 5 },
    { ...scene, metadata: { shot: '12b' } },
  ]) {
    t.match(await generate(body, key), {
      status: 422,
      body: { code: 'idempotency_key_reused', errors: [{ pointer: '#/headers/idempotency-key' }] },
    })
  }
  t.match(await gateway.finished(first.body.id), { status: 'completed', duration: 10 })
  t.equal(control.renders().length, 1)
})

t.test('twenty at once under one key make one generation', async (t) => {
  const key = newKey()
  const before = await count()
  const answers = await Promise.all(Array.from({ length: 20 }, () => generate(scene, key)))
  const accepted = answers.filter(({ status }) => status === 202)
  t.equal(new Set(accepted.map(({ body }) => body.id)).size, 1)
  t.equal(accepted.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 202)) {
    t.match(answer, { status: 409, body: { code: 'idempotency_in_progress' } })
  }
  t.equal(await count(), before + 1)
  await gateway.finished(accepted[0]?.body.id)
  t.equal(control.renders().length, 1)
})

t.test('while the first request is still being accepted, its repetition is told to come back', async (t) => {
  const clip = await aClip({ seconds: 1, width: 320, height: 240 })
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const files = fastify()
  files.get('/held.mp4', async (_request, reply) => {
    asked.resolve()
    await released.promise
    return reply.type('video/mp4').send(clip)
  })
  t.teardown(() => files.close())
  const origin = await files.listen({ host: '127.0.0.1', port: 0 })

  const key = newKey()
  const body = { ...scene, reference: { video_url: `${origin}/held.mp4` } }
  const first = generate(body, key)
  await asked.promise
  const early = await generate(body, key)
  t.match(early, { status: 409, body: { code: 'idempotency_in_progress' } })
  t.ok(Number(early.headers.get('retry-after')) >= 1)
  const elsewhere = await generate(scene, { ...key, ...other })
  t.equal(elsewhere.status, 202, 'another tenant does not wait for it')
  released.resolve()
  const { body: accepted } = await first
  t.match(await generate(body, key), { status: 202, body: { id: accepted.id } })
  await gateway.finished(accepted.id)
  await gateway.finished(elsewhere.body.id, other)
})

t.test('a key of one tenant says nothing about the same key of another', async (t) => {
  const key = newKey()
  const mine = await generate(scene, key)
  const theirs = await generate({ ...scene, duration: 5 }, { ...key, ...other })
  t.equal(theirs.status, 202)
  t.equal(theirs.headers.get('idempotent-replayed'), null)
  t.not(theirs.body.id, mine.body.id)
  await gateway.finished(mine.body.id)
  await gateway.finished(theirs.body.id, other)
})

t.test('a repetition gets the first answer although the request could not be taken any more', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/fox.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'passing_fox', ...source })
  const key = newKey()
  const body = { ...scene, prompt: '@passing_fox waves' }
  const first = await generate(body, key)
  t.equal(first.status, 202)
  await gateway.finished(first.body.id)
  t.equal((await gateway.call('DELETE', '/characters/passing_fox')).status, 204)
  t.equal((await generate(body, newKey())).status, 422)
  const again = await generate(body, key)
  t.equal(again.status, 202)
  t.same(again.body, first.body)
  t.equal(control.renders().length, 1)
})

t.test('a request that was refused does not use up its key', async (t) => {
  const key = newKey()
  t.equal((await generate({ ...scene, prompt: '@nobody waves' }, key)).status, 422)
  t.equal((await generate({ ...scene, duration: -1 }, key)).status, 400)
  const accepted = await generate(scene, key)
  t.equal(accepted.status, 202)
  t.equal(accepted.headers.get('idempotent-replayed'), null)
  await gateway.finished(accepted.body.id)
})

t.test('a form is recognised by its fields and the bytes of its file, which are kept once', async (t) => {
  const key = newKey()
  const before = await gateway.files()
  const first = await generate(await formWith(1), key)
  t.equal(first.status, 202)
  const again = await generate(await formWith(1), key)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.same(again.body, first.body)
  t.match(await generate(await formWith(2), key), { status: 422, body: { code: 'idempotency_key_reused' } })
  t.equal((await gateway.files()).length, before.length + 1)
  await gateway.finished(first.body.id)
  t.match(control.renders('official'), [{ reference: { kind: 'video' } }])
})

t.test('a key is remembered through a restart, for a day', async (t) => {
  const key = newKey()
  const first = await generate(scene, key)
  await gateway.restart()
  const replayed = await generate(scene, key)
  t.equal(replayed.headers.get('idempotent-replayed'), 'true')
  t.same(replayed.body, first.body)
  await gateway.finished(first.body.id)
  await gateway.advance(23 * 3600_000)
  t.match((await generate(scene, key)).body, { id: first.body.id })
  await gateway.advance(3600_000)
  const next = await generate(scene, key)
  t.equal(next.status, 202)
  t.not(next.body.id, first.body.id)
  await gateway.finished(next.body.id)
  t.equal(control.renders().length, 2)
})
