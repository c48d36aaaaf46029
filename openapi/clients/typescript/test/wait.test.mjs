import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GenerationFailedError, UnderstudyError, WaitTimeoutError, createUnderstudy } from '../dist/client.js'

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

const state = (status, progress, more = {}) =>
  json(200, { id: 'gen_1', status, progress, attempts: [], ...more })

/** A client whose gateway gives these answers, one after the other; the last one for ever. */
function clientOf(...answers) {
  const asked = []
  let next = 0
  const client = createUnderstudy({
    baseUrl: 'http://gateway.test/',
    apiKey: 'key',
    async fetch(request) {
      asked.push(request)
      const answer = answers[Math.min(next++, answers.length - 1)]
      return answer instanceof Error ? Promise.reject(answer) : answer().clone()
    },
  })
  return { client, asked }
}

test('it asks until the end, tells the progress, and passes over what passes by itself', async () => {
  const problem = { code: 'overloaded', detail: 'Too busy.', request_id: 'r' }
  const { client, asked } = clientOf(
    new TypeError('fetch failed'),
    () => json(503, problem, { 'retry-after': '0' }),
    () => state('in_progress', 40),
    () => state('completed', 100),
  )
  const seen = []
  const done = await client.waitForVideo('gen_1', { onProgress: ({ progress }) => seen.push(progress) })
  assert.equal(done.status, 'completed')
  assert.deepEqual(seen, [40, 100])
  assert.equal(asked.length, 4)
  assert.equal(asked[0].url, 'http://gateway.test/generations/gen_1?wait=30')
  assert.equal(asked[0].headers.get('authorization'), 'Bearer key')
})

test('a generation that ended without a video is an error with its code', async () => {
  const { client } = clientOf(() =>
    state('failed', 0, { error: { code: 'content_refused', message: 'Refused.' } }),
  )
  await assert.rejects(client.waitForVideo('gen_1'), (error) => {
    assert.ok(error instanceof GenerationFailedError)
    assert.equal(error.code, 'content_refused')
    return true
  })
})

test('what does not pass is thrown at once, with its faults', async () => {
  const { client, asked } = clientOf(() => json(404, { code: 'not_found', detail: 'No such generation.' }))
  await assert.rejects(client.waitForVideo('gen_1'), (error) => {
    assert.ok(error instanceof UnderstudyError)
    assert.equal(error.status, 404)
    assert.equal(error.code, 'not_found')
    return true
  })
  assert.equal(asked.length, 1)
})

test('time and the caller end the waiting', async () => {
  const { client } = clientOf(new TypeError('fetch failed'))
  await assert.rejects(client.waitForVideo('gen_1', { timeoutMs: 20 }), WaitTimeoutError)
  const stop = AbortSignal.abort(new Error('enough'))
  await assert.rejects(client.waitForVideo('gen_1', { signal: stop }), /enough/)
})

test('files go as forms', async () => {
  const { client, asked } = clientOf(() => state('queued', 0))
  const reference = { content: new Blob(['x'], { type: 'image/png' }), fileName: 'a.png', influence: 0.5 }
  await client.generate({ prompt: 'a boat', routing: { fallback: false } }, { reference })
  const form = await asked[0].formData()
  assert.equal(form.get('prompt'), 'a boat')
  assert.equal(form.get('routing'), '{"fallback":false}')
  assert.equal(form.get('reference').name, 'a.png')
})
