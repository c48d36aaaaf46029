import t from 'tap'
import { answer } from './fixtures.ts'
import { plain, preset } from './preset-fixtures.ts'

t.test('a negative prompt that a vendor repeats is neither a verdict nor shown', async (t) => {
  const negativePrompt = 'nudity that violates the content policy'
  const inputs = {
    firstFrame: null,
    lastFrame: null,
    references: [],
    audio: null,
    seed: null,
    negativePrompt,
    resolution: null,
    aspectRatio: null,
    options: {},
  }
  const body = { error: { message: `The field negative_prompt is not supported: ${negativePrompt}` } }
  const { create } = preset('openrouter')
  const outcome = create.decode(answer({ status: 400, body }), { ...plain, inputs })
  t.notMatch(JSON.stringify(outcome), /nudity/)
  t.notMatch(JSON.stringify(outcome), /refused/)
})
