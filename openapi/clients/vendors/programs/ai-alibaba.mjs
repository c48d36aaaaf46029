// @ai-sdk/alibaba with only the base URL of its videos changed.
import { createAlibaba } from '@ai-sdk/alibaba'
import { frame, references, refusals, renders } from './ai-sdk.mjs'
import { attempt, stage } from './cases.mjs'

const by = (apiKey) => createAlibaba({ videoBaseURL: stage.host, apiKey }).video(stage.model)
const model = by(stage.key)
const common = { resolution: '1280x720', providerOptions: { alibaba: { watermark: false } } }

await attempt('text', (prompt) => renders(model, prompt, { ...common, seed: 7, generateAudio: true }))
await attempt('first_frame', (prompt) =>
  renders(model, prompt, { ...common, frameImages: [frame('first_frame')] }),
)
await attempt('frames', (prompt) =>
  renders(model, prompt, { ...common, frameImages: [frame('first_frame'), frame('last_frame')] }),
)
await attempt('references', (prompt) =>
  renders(model, prompt, { ...common, inputReferences: [references.picture, references.clip] }),
)
await refusals({ model, stranger: by('a-foreign-key'), changes: common })
