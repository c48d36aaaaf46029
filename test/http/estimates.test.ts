import t from 'tap'
import { EstimateDto } from '../../src/gateway/http/schemas/generations/estimate.ts'
import { asMaker, serve } from './stub-services.ts'

t.test('an estimate tells each policy’s price of a video and of a month', async (t) => {
  const app = await serve(t)
  const payload = { count: 500, duration: 12, characters: 1 }
  const answer = await app.inject({ method: 'POST', url: '/estimates', headers: asMaker, payload })
  t.equal(answer.statusCode, 200)
  const body = answer.json()
  t.strictSame(EstimateDto.parse(body), body)
  t.match(body, { object: 'estimate', count: 500, model: 'sora-2', size: 'landscape', characters: 1 })
  const official = {
    upstream: 'openai',
    fidelity: 'reference',
    duration: 12,
    per_video_usd: 1.2,
    month_usd: 600,
  }
  t.match(body.data, [
    { policy: 'cost', ...official, saving_usd: 0 },
    { policy: 'stability', ...official },
    { policy: 'official_only', ...official },
    {
      policy: 'reverse_only',
      upstream: null,
      month_usd: null,
      saving_usd: null,
      excluded: [{ code: 'kind_not_allowed' }],
    },
  ])
})

t.test('what cannot be estimated is told by its pointer', async (t) => {
  const app = await serve(t)
  for (const [payload, pointer] of [
    [{}, '/count'],
    [{ count: 0 }, '/count'],
    [{ count: 1.5 }, '/count'],
    [{ count: 1, duration: 0 }, '/duration'],
    [{ count: 1, size: 'huge' }, '/size'],
    [{ count: 1, characters: -1 }, '/characters'],
    [{ count: 1, prompt: 'a mill' }, '/prompt'],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: '/estimates', headers: asMaker, payload })
    t.equal(answer.statusCode, 400, pointer)
    t.equal(answer.json().errors[0].pointer, pointer)
  }
})
