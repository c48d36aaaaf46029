// @ai-sdk/xai with only its base URL changed.
import { createXai } from '@ai-sdk/xai'
import { frame, references, refusals, renders } from './ai-sdk.mjs'
import { attempt, stage } from './cases.mjs'

const model = createXai({ baseURL: stage.base, apiKey: stage.key }).video(stage.model)
const stranger = createXai({ baseURL: stage.base, apiKey: 'a-foreign-key' }).video(stage.model)
const size = { resolution: '1280x720' }

await attempt('text', (prompt) => renders(model, prompt, { ...size, generateAudio: true }))
await attempt('first_frame', (prompt) =>
  renders(model, prompt, { ...size, frameImages: [frame('first_frame')] }),
)
await attempt('frames', (prompt) =>
  renders(model, prompt, { ...size, frameImages: [frame('first_frame'), frame('last_frame')] }),
)
await attempt('references', (prompt) =>
  renders(model, prompt, { ...size, inputReferences: [references.picture] }),
)
await refusals({ model, stranger, changes: size })
