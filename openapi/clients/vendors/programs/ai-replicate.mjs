// @ai-sdk/replicate with only its base URL changed. It knows one picture, and no other inputs than its options.
import { createReplicate } from '@ai-sdk/replicate'
import { refusals, renders } from './ai-sdk.mjs'
import { attempt, stage } from './cases.mjs'

const model = createReplicate({ baseURL: stage.base, apiToken: stage.key }).video(stage.model)
const stranger = createReplicate({ baseURL: stage.base, apiToken: 'a-foreign-key' }).video(stage.model)
// It sends a resolution as `size`, which Veo does not have; an option is passed on.
const common = { providerOptions: { replicate: { resolution: '720p' } } }

await attempt('text', (prompt) => renders(model, prompt, { ...common, seed: 7 }))
await attempt('first_frame', (text) => renders(model, { text, image: stage.first }, common))
await refusals({ model, stranger, changes: common })
