import t from 'tap'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import { heldNow, sourceModeOf } from '../../src/gateway/domain/generation/source-mode.ts'
import type { SourceKind } from '../../src/gateway/domain/generation/request.ts'
import type { UpstreamSpec, UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import { aPolicy, aRouteRequest, aView } from './builders.ts'

const holder = { upstream: 'holder', operation: { id: 'video_1' }, account: null }
const view = (id: string, spec: Partial<UpstreamView['spec']> = {}) =>
  aView({ id, durations: [4, 8, 12], references: [], characters: 'none', ...spec })

t.test('an upstream has the source, takes it as a file, is shown it, or has no way at all', async (t) => {
  type Row = [ReturnType<typeof sourceModeOf>, SourceKind, Partial<UpstreamSpec> & { id: string }]
  const rows: Row[] = [
    ['held', 'remix', { id: 'holder', sourceVideos: 'own' }],
    ['held', 'extension', { id: 'holder', sourceVideos: 'any' }],
    ['file', 'extension', { id: 'other', sourceVideos: 'any' }],
    ['reference', 'edit', { id: 'other', references: ['video'] }],
    ['reference', 'remix', { id: 'holder', references: ['video'] }],
    [null, 'extension', { id: 'other', references: ['video'] }],
    [null, 'remix', { id: 'other', sourceVideos: 'own' }],
    ['held', 'remix', { id: 'holder', sourceVideos: 'own', remixOnly: true }],
    [null, 'edit', { id: 'holder', sourceVideos: 'own', remixOnly: true }],
    [null, 'remix', { id: 'other', sourceVideos: 'any', remixOnly: true }],
    [null, 'remix', { id: 'other', references: ['image'] }],
  ]
  for (const [way, kind, spec] of rows) {
    t.equal(sourceModeOf({ kind, holder }, { references: [], ...spec }), way, JSON.stringify([kind, spec]))
  }
})

t.test('only the account that rendered the source holds it', async (t) => {
  const account = { origin: 'https://vendor.example/v1', credential: 'one' }
  const source = { holder: { ...holder, account } }
  const held = (here: typeof account | undefined, from: Parameters<typeof heldNow>[0] = source) =>
    heldNow(from, (id) => (id === 'holder' ? here : account)).holder !== null
  t.ok(held(account))
  t.notOk(held({ ...account, origin: 'https://other.example' }))
  t.notOk(held({ ...account, credential: 'two' }))
  t.notOk(held(undefined), 'not configured any more')
  t.notOk(held(account, { holder }), 'nobody kept who rendered it')
  t.notOk(held(account, { holder: null }), 'an upload')
})

function plan(views: UpstreamView[], request: Partial<RouteRequest>) {
  const decision = route(aRouteRequest(request), views, aPolicy())
  return decision.type === 'plan'
    ? decision.plan.candidates.map(({ upstream, durationSeconds }) => [upstream, durationSeconds])
    : decision.excluded.map(({ upstream, code }) => [upstream, code])
}

t.test(
  'who holds the source comes first, then who takes the file, then who is only shown it, whatever they charge',
  async (t) => {
    const views = [
      view('a-shown', { references: ['video'], price: { type: 'per_request', micros: 1 } }),
      view('b-file', { sourceVideos: 'any', price: { type: 'per_request', micros: 2 } }),
      view('holder', { sourceVideos: 'own', price: { type: 'per_request', micros: 9 } }),
      view('c-none'),
    ]
    // An edit has the length of its source; a new video that resembles it has a length from the price list.
    t.same(plan(views, { source: { kind: 'edit', holder }, durationSeconds: 5 }), [
      ['holder', 5],
      ['b-file', 5],
      ['a-shown', 8],
    ])
    t.same(plan(views, { source: { kind: 'extension', holder }, durationSeconds: 5 }), [
      ['holder', 8],
      ['b-file', 8],
    ])
  },
)

t.test('a request whose source nobody can use is refused as such', async (t) => {
  t.same(plan([view('other', { sourceVideos: 'own' })], { source: { kind: 'remix', holder } }), [
    ['other', 'source_unsupported'],
  ])
})
