// @ai-sdk/fal, whose video models use queue.fal.run whatever its base URL is: `fetch` takes that host to the simulator and back.
import assert from 'node:assert/strict'
import { createFal } from '@ai-sdk/fal'
import { renders } from './ai-sdk.mjs'
import { attempt, refuses, stage } from './cases.mjs'

const queue = 'https://queue.fal.run'
async function fetchHere(url, options) {
  const answer = await fetch(String(url).replace(queue, stage.base), options)
  const text = await answer.text()
  const headers = { 'content-type': answer.headers.get('content-type') ?? '' }
  return new Response(text.replaceAll(`${stage.base}/fal-ai`, `${queue}/fal-ai`), {
    status: answer.status,
    statusText: answer.statusText,
    headers,
  })
}

const by = (apiKey, path) => createFal({ apiKey, fetch: fetchHere }).video(`fal-ai/sora-2/${path}`)
const model = by(stage.key, 'text-to-video')
// It sends a length as text, such as 5s, which is for other models; an option goes before it.
const common = { providerOptions: { fal: { duration: 5, resolution: '720p' } } }
const isStatus = (status) => (error) => assert.equal(error.statusCode, status)

await attempt('text', (prompt) => renders(model, prompt, common))
await attempt('first_frame', (text) =>
  renders(by(stage.key, 'image-to-video'), { text, image: stage.first }, common),
)
await attempt('refused', (prompt) => refuses(() => renders(model, prompt, common), isStatus(422)))
await attempt('refused_late', (prompt) =>
  refuses(
    () => renders(model, prompt, common),
    (error) => assert.match(error.message, /Unprocessable/),
  ),
)
await attempt('wrong_key', (prompt) =>
  refuses(() => renders(by('a-foreign-key', 'text-to-video'), prompt, common), isStatus(401)),
)
