// @fal-ai/client: its own middleware takes queue.fal.run to the simulator; `subscribe` waits.
import assert from 'node:assert/strict'
import { ApiError, createFalClient, ValidationError } from '@fal-ai/client'
import { attempt, isVideoAt, refuses, stage } from './cases.mjs'

const requestMiddleware = async (request) => ({
  ...request,
  url: request.url.replace('https://queue.fal.run', stage.base),
})
const clientOf = (credentials) =>
  createFalClient({
    credentials,
    requestMiddleware,
    retry: { maxRetries: 0 },
    suppressLocalCredentialsWarning: true,
  })
const client = clientOf(stage.key)

const order = (prompt, changes) => ({
  input: { prompt, duration: 5, aspect_ratio: '16:9', resolution: '720p', ...changes },
  pollInterval: 100,
})
const subscribe = (prompt, { path = 'text-to-video', by = client, ...changes } = {}) =>
  by.subscribe(`fal-ai/sora-2/${path}`, order(prompt, changes))

async function renders(prompt, changes) {
  const { data, requestId } = await subscribe(prompt, changes)
  assert.equal(typeof requestId, 'string')
  assert.equal(data.video.content_type, 'video/mp4')
  await isVideoAt(data.video.url)
}

const isRefusal = (error) => {
  assert.ok(error instanceof ValidationError, `${error.name}: ${error.message}`)
  assert.equal(error.fieldErrors[0].type, 'content_policy_violation')
}

await attempt('text', (prompt) => renders(prompt))
await attempt('first_frame', (prompt) => renders(prompt, { path: 'image-to-video', image_url: stage.first }))
await attempt('refused', (prompt) => refuses(() => subscribe(prompt), isRefusal))
await attempt('refused_late', (prompt) => refuses(() => subscribe(prompt), isRefusal))
await attempt('wrong_key', (prompt) =>
  refuses(
    () => subscribe(prompt, { by: clientOf('a-foreign-key') }),
    (error) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.status, 401)
    },
  ),
)
await attempt('unknown_job', () =>
  refuses(
    () => client.queue.status('fal-ai/sora-2', { requestId: 'c7a5d5a2-0000-4000-8000-000000000000' }),
    (error) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.status, 404)
    },
  ),
)
await attempt('cancelled', async (prompt) => {
  const app = 'fal-ai/sora-2/text-to-video'
  const { request_id: requestId } = await client.queue.submit(app, order(prompt))
  await client.queue.cancel(app, { requestId })
  await refuses(
    () => client.queue.status(app, { requestId }),
    (error) => assert.equal(error.status, 404),
  )
})
