// @ai-sdk/bytedance with only its base URL changed.
import { createByteDance } from '@ai-sdk/bytedance'
import { frame, references, refusals, renders } from './ai-sdk.mjs'
import { attempt, stage } from './cases.mjs'

const model = createByteDance({ baseURL: stage.base, apiKey: stage.key }).video(stage.model)
const stranger = createByteDance({ baseURL: stage.base, apiKey: 'a-foreign-key' }).video(stage.model)
const common = {
  resolution: '1280x720',
  providerOptions: { bytedance: { watermark: false, pollIntervalMs: 100 } },
}

await attempt('text', (prompt) => renders(model, prompt, { ...common, generateAudio: true, seed: 7 }))
await attempt('first_frame', (prompt) =>
  renders(model, prompt, { ...common, frameImages: [frame('first_frame')] }),
)
await attempt('frames', (prompt) =>
  renders(model, prompt, { ...common, frameImages: [frame('first_frame'), frame('last_frame')] }),
)
await attempt('references', (prompt) =>
  renders(model, prompt, {
    ...common,
    inputReferences: [references.picture, references.clip],
    providerOptions: { bytedance: { ...common.providerOptions.bytedance, referenceAudio: [stage.voice] } },
  }),
)
// It reads no reason of a failed task.
await refusals({ model, stranger, changes: common, late: /generation failed/ })
