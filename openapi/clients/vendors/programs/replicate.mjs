// replicate for JavaScript with only its base URL changed; `run` and `wait` poll.
import assert from 'node:assert/strict'
import Replicate from 'replicate'
import { attempt, isVideoAt, refuses, stage, until } from './cases.mjs'

const client = new Replicate({ auth: stage.key, baseUrl: stage.base })
const stranger = new Replicate({ auth: 'a-foreign-key', baseUrl: stage.base })
const input = (prompt, changes) => ({
  prompt,
  duration: 5,
  aspect_ratio: '16:9',
  resolution: '720p',
  ...changes,
})
const create = (prompt, changes, by = client) =>
  by.predictions.create({ model: stage.model, input: input(prompt, changes) })
const ended = async (prompt) => client.wait(await create(prompt), { interval: 100 })

/** `run` makes files of https addresses alone, and gives others as they are. */
async function runs(prompt, changes) {
  const order = { input: input(prompt, changes), wait: { mode: 'poll', interval: 100 } }
  const output = await client.run(stage.model, order)
  await isVideoAt([output].flat()[0])
}

const isStatus = (status) => (error) => assert.equal(error.response?.status, status)

await attempt('text', (prompt) => runs(prompt, { seed: 7, generate_audio: true }))
await attempt('first_frame', (prompt) => runs(prompt, { image: stage.first }))
await attempt('frames', (prompt) => runs(prompt, { image: stage.first, last_frame_image: stage.last }))
await attempt('references', (prompt) =>
  runs(prompt, {
    reference_images: [stage.person],
    reference_videos: [stage.clip],
    reference_audios: [stage.voice],
  }),
)
await attempt('refused', (prompt) => refuses(() => create(prompt), isStatus(400)))
await attempt('refused_late', (prompt) =>
  refuses(
    () => runs(prompt),
    (error) => assert.match(error.message, /E005/),
  ),
)
await attempt('wrong_key', (prompt) => refuses(() => create(prompt, {}, stranger), isStatus(401)))
await attempt('unknown_job', () => refuses(() => client.predictions.get('unknown'), isStatus(404)))
await attempt('listed', async (prompt) => {
  const { id } = await ended(prompt)
  const page = await client.predictions.list()
  assert.ok(page.results.some((each) => each.id === id))
  const { output } = await until(
    () => client.predictions.get(id),
    ({ status }) => status === 'succeeded',
  )
  await isVideoAt([output].flat()[0])
})
