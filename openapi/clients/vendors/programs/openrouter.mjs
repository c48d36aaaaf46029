// @openrouter/sdk with only its server URL changed. It has no helper that waits.
import assert from 'node:assert/strict'
import { OpenRouter } from '@openrouter/sdk'
import * as errors from '@openrouter/sdk/models/errors'
import { attempt, isVideo, refuses, stage, until } from './cases.mjs'

const options = { serverURL: stage.base, retryConfig: { strategy: 'none' } }
const client = new OpenRouter({ ...options, apiKey: stage.key })
const stranger = new OpenRouter({ ...options, apiKey: 'a-foreign-key' })

const order = (prompt, changes) => ({
  videoGenerationRequest: {
    model: stage.model,
    prompt,
    duration: 5,
    resolution: '720p',
    aspectRatio: '16:9',
    ...changes,
  },
})
const create = (prompt, changes, by = client) => by.videoGeneration.generate(order(prompt, changes))
const ended = ({ id }) =>
  until(
    () => client.videoGeneration.getGeneration({ jobId: id }),
    ({ status }) => status !== 'pending' && status !== 'in_progress',
  )

async function renders(prompt, changes) {
  const created = await create(prompt, changes)
  assert.equal(created.pollingUrl, `${stage.base}/videos/${created.id}`)
  const job = await ended(created)
  assert.equal(job.status, 'completed')
  assert.ok(job.usage.cost > 0)
  assert.equal(job.unsignedUrls.length, 1)
  const content = await client.videoGeneration.getVideoContent({ jobId: job.id, index: 0 })
  isVideo(Buffer.from(await new Response(content).arrayBuffer()))
}

const picture = (url) => ({ type: 'image_url', imageUrl: { url } })

await attempt('text', (prompt) => renders(prompt, { generateAudio: true, seed: 7 }))
await attempt('first_frame', (prompt) =>
  renders(prompt, { frameImages: [{ ...picture(stage.first), frameType: 'first_frame' }] }),
)
await attempt('frames', (prompt) =>
  renders(prompt, {
    frameImages: [
      { ...picture(stage.first), frameType: 'first_frame' },
      { ...picture(stage.last), frameType: 'last_frame' },
    ],
  }),
)
await attempt('references', (prompt) =>
  renders(prompt, {
    inputReferences: [
      picture(stage.person),
      { type: 'video_url', videoUrl: { url: stage.clip } },
      { type: 'audio_url', audioUrl: { url: stage.voice } },
    ],
  }),
)
await attempt('refused', (prompt) =>
  refuses(
    () => create(prompt),
    (error) => {
      assert.ok(error instanceof errors.OpenRouterError)
      assert.ok([400, 403].includes(error.statusCode))
    },
  ),
)
await attempt('refused_late', async (prompt) => {
  const job = await ended(await create(prompt))
  assert.equal(job.status, 'failed')
  assert.equal(typeof job.error, 'string')
})
await attempt('wrong_key', (prompt) =>
  refuses(
    () => create(prompt, {}, stranger),
    (error) => assert.ok(error instanceof errors.UnauthorizedResponseError),
  ),
)
await attempt('unknown_job', () =>
  refuses(
    () => client.videoGeneration.getGeneration({ jobId: 'gen-vid-0' }),
    (error) => assert.ok(error instanceof errors.NotFoundResponseError),
  ),
)
