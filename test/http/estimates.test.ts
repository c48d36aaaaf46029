import t from 'tap'
import { EstimateDto } from '../../src/gateway/http/schemas/generations/estimate.ts'
import { asMaker, createStubs, keys, serve } from './stub-services.ts'

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

t.test('past work is told with what it really cost, and a sample is scaled up', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const from_history = { from: '2026-11-01T01:00:00+01:00', to: '2026-12-01T00:00:00Z' }
  const payload = { from_history }
  const answer = await app.inject({ method: 'POST', url: '/estimates', headers: asMaker, payload })
  t.equal(answer.statusCode, 200)
  const body = answer.json()
  t.strictSame(EstimateDto.parse(body), body)
  t.match(body, {
    count: 4,
    model: null,
    history: { tenant: 'studio', from: '2026-11-01T00:00:00.000Z', sampled: 2, reserved_cost_usd: 0 },
  })
  const [cheapest] = body.data
  t.match(cheapest, {
    policy: 'cost',
    upstream: 'openai',
    per_video_usd: 1.2,
    month_usd: 4.8,
    saving_usd: 0,
    upstreams: [{ upstream: 'openai', kind: 'official', count: 4, cost_usd: 4.8 }],
    unserved: 0,
  })
  t.match(body.data[3], { policy: 'reverse_only', upstream: null, month_usd: null, unserved: 4 })
  const span = { from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 11, 1), limit: 1000 }
  t.strictSame(stubs.seen.calls, [`sample ${JSON.stringify({ tenant: 'studio', ...span })}`])
})

t.test('a key sees the past work of its own tenant, and of others only with a scope for it', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const ask = async (key: keyof typeof keys, from_history: Record<string, string>) => {
    const headers = { authorization: `Bearer ${keys[key]}` }
    const answer = await app.inject({ method: 'POST', url: '/estimates', headers, payload: { from_history } })
    return [answer.statusCode, answer.json().code ?? answer.json().history.tenant]
  }
  t.strictSame(await ask('maker', {}), [200, 'studio'])
  t.strictSame(await ask('reader', { tenant: 'studio' }), [200, 'studio'])
  t.strictSame(await ask('maker', { tenant: 'bank' }), [403, 'forbidden'])
  for (const who of ['admin', 'observer', 'operator'] as const) {
    t.strictSame(await ask(who, {}), [200, null], who)
    t.strictSame(await ask(who, { tenant: 'bank' }), [200, 'bank'], who)
  }
  const views = stubs.seen.calls.filter((call) => call.startsWith('view'))
  t.strictSame(
    views,
    [null, 'bank', null, 'bank'].map(
      (tenant) => `view ${JSON.stringify({ subject: null, tenant, part: 'estimates' })}`,
    ),
    'and those who observe others are in the audit log',
  )
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
    [{ count: 1, from_history: {} }, '/from_history'],
    [{ characters: 1, from_history: {} }, '/from_history'],
    [{ from_history: { from: 'yesterday' } }, '/from_history/from'],
    [{ from_history: { month: 3 } }, '/from_history/month'],
    [{ from_history: { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' } }, '/from_history/to'],
    [{ from_history: { from: '2030-01-01T00:00:00Z' } }, '/from_history/from'],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: '/estimates', headers: asMaker, payload })
    t.equal(answer.statusCode, 400, pointer)
    t.equal(answer.json().errors[0].pointer, pointer)
  }
})
