import t from 'tap'
import { withoutWork } from '../../src/gateway/services/operations/exchange-view.ts'
import type { StoredExchange } from '../../src/gateway/ports/operations/exchange-store.ts'
import { aGeneration, attemptId } from '../domain/builders.ts'

function anExchange(request: string): StoredExchange {
  return {
    operation: 'create',
    at: 0,
    ms: 1,
    method: 'POST',
    path: '/videos',
    request,
    ending: 'answered',
    reason: null,
    status: 400,
    headers: {},
    body: request,
    bytes: null,
    isCut: false,
    attemptId: attemptId(1),
    step: 1,
    repeated: 0,
  }
}

t.test(
  'whoever may not see prompts sees no negative prompt and no words of options and references',
  async (t) => {
    const generation = aGeneration()
    const media = { mediaId: 'media_1', contentType: 'image/png', width: 1, height: 1 } as const
    const request = {
      ...generation.request,
      negativePrompt: 'the face of my former wife',
      options: { ark: { lyrics: 'la la land of the free', quality: 'pro' } },
      references: [
        {
          ...media,
          kind: 'image' as const,
          durationSeconds: null,
          role: 'subject' as const,
          name: 'Mia of Berlin',
          generationId: null,
        },
      ],
    }
    const sent = JSON.stringify({
      negative_prompt: request.negativePrompt,
      lyrics: request.options.ark.lyrics,
      name: 'Mia of Berlin',
      quality: 'pro',
    })
    const exchange = anExchange(sent)
    const shown = withoutWork({ ...generation, request }, [exchange])(exchange)
    for (const text of [shown.request, shown.body])
      t.equal(text, '{"negative_prompt":"[prompt]","lyrics":"[prompt]","name":"[prompt]","quality":"pro"}')
  },
)
