import t from 'tap'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import { ModelDto, ModelPage } from '../../src/gateway/http/schemas/catalogue/model.ts'
import { createCatalogueService } from '../../src/gateway/services/catalogue/catalogue-service.ts'
import { sampleUpstream } from './samples.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'

function withModels(models: Record<string, string>): UpstreamView {
  const view = sampleUpstream()
  return { ...view, spec: { ...view.spec, models } }
}

function stubsWith(views: UpstreamView[]) {
  const catalogue = createCatalogueService({ gate: { views: () => views }, defaults: { model: 'b' } })
  return { ...createStubs(), catalogue }
}

t.test('a model shows what can be asked of whom, and for how much', async (t) => {
  const app = await serve(t)
  const answer = await app.inject({ url: '/models/sora-2', headers: asMaker })
  t.strictSame(ModelDto.parse(answer.json()), answer.json())
  t.match(answer.json(), {
    id: 'sora-2',
    object: 'model',
    default: true,
    upstreams: [
      {
        upstream: 'openai',
        kind: 'official',
        available: false,
        pictures: [
          {
            resolution: '720p',
            aspect_ratios: ['16:9'],
            sizes: ['1280x720'],
            lengths: [{ inputs: null, durations: [4, 8, 12] }],
            prices: [{ audio: null, per: 'second', usd: 0.1 }],
          },
        ],
        inputs: {
          first_frame: false,
          references: { image: null },
          audio: null,
          seed: 'dropped',
          options: {},
        },
        reference: ['image', 'video'],
        characters: { fidelity: 'reference', max: 1 },
        success_rate: 0.97,
        latency_seconds: 84,
      },
    ],
  })
  t.notMatch(answer.body, /their-sora/, 'and not what the vendor calls it')
})

t.test('models are listed by id, in pages', async (t) => {
  const views = [withModels({ c: 'x', a: 'x' }), withModels({ b: 'x', 'vendor/d': 'x' })]
  const app = await serve(t, stubsWith(views))
  const ids: string[][] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await app.inject({ url: `/models?limit=3${after}`, headers: asMaker })
    t.strictSame(ModelPage.parse(page.json()), page.json())
    ids.push(page.json().data.map(({ id }: { id: string }) => id))
    cursor = page.json().next_cursor
  }
  t.strictSame(ids, [['a', 'b', 'c'], ['vendor/d']])
  const named = await app.inject({ url: '/models/vendor%2Fd', headers: asMaker })
  t.match(named.json(), { id: 'vendor/d', default: false })
  t.match((await app.inject({ url: '/models/b', headers: asMaker })).json(), { default: true })
})

t.test('a model that the key may not use does not exist, and a near one is named', async (t) => {
  const app = await serve(t, stubsWith([withModels({ 'kling-3': 'x' })]))
  const near = await app.inject({ url: '/models/klin-3', headers: asMaker })
  t.equal(near.statusCode, 404)
  t.match(near.json(), { code: 'not_found', detail: /did you mean `kling-3`/ })
  for (const query of ['limit=0', 'limit=101', 'page=2'])
    t.equal((await app.inject({ url: `/models?${query}`, headers: asMaker })).statusCode, 400, query)
})
