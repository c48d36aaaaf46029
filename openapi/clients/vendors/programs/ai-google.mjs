// @ai-sdk/google with only its base URL changed. Veo takes pictures as bytes alone.
import { createGoogle } from '@ai-sdk/google'
import { refusals, renders } from './ai-sdk.mjs'
import { attempt, stage } from './cases.mjs'

const model = createGoogle({ baseURL: stage.base, apiKey: stage.key }).video(stage.model)
const stranger = createGoogle({ baseURL: stage.base, apiKey: 'a-foreign-key' }).video(stage.model)
const bytesOf = async (name) => new Uint8Array(await (await fetch(stage[name])).arrayBuffer())
const frame = async (name, frameType) => ({ image: await bytesOf(name), frameType })
const common = { duration: 8, resolution: '1280x720' }

await attempt('text', (prompt) => renders(model, prompt, { ...common, seed: 7 }))
await attempt('first_frame', async (prompt) =>
  renders(model, prompt, { ...common, frameImages: [await frame('first', 'first_frame')] }),
)
await attempt('frames', async (prompt) => {
  const frameImages = [await frame('first', 'first_frame'), await frame('last', 'last_frame')]
  await renders(model, prompt, { ...common, frameImages })
})
await attempt('references', async (prompt) => {
  const pictures = [await bytesOf('person'), await bytesOf('first')]
  const inputReferences = pictures.map((data) => ({ data, mediaType: 'image/png' }))
  await renders(model, prompt, { ...common, inputReferences })
})
// It reads no reasons of a filtered video.
await refusals({ model, stranger, changes: common, keyStatus: 400, late: /No videos in response/ })
