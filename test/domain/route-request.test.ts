import t from 'tap'
import { nextCandidate, routeRequestOf, warningsOf } from '../../src/gateway/domain/routing/next-candidate.ts'
import { promptLengths } from '../../src/gateway/domain/characters/prompt.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import {
  aCandidate,
  aPolicy,
  aRequest,
  aSpec,
  anAvailability,
  aView,
  coffeeGirl,
  official,
  oldMan,
  reseller,
  T0,
} from './builders.ts'
import { failedAt, after } from './attempt-history.ts'

t.test('what differs from what was asked is warned of', async (t) => {
  const asked = aRequest({}, { characters: [coffeeGirl] })
  t.same(warningsOf(asked, aCandidate({ fidelity: 'native' })), [])
  t.match(warningsOf(asked, aCandidate({ fidelity: 'reference', upstream: 'openai' })), [
    { code: 'character_reference_used', detail: /openai .*@coffee_girl/ },
  ])
  t.match(warningsOf(asked, aCandidate({ fidelity: 'native', durationSeconds: 12, upstream: 'openai' })), [
    { code: 'duration_adjusted', detail: /openai does not offer 10 s; 12 s/ },
  ])
  t.match(warningsOf(asked, aCandidate({ fidelity: 'reference', durationSeconds: 12 })), [
    { code: 'duration_adjusted' },
    { code: 'character_reference_used' },
  ])
})

t.test(
  'with several characters by reference it is said whose clip is shown and who is only described',
  async (t) => {
    const asked = aRequest({}, { characters: [coffeeGirl, oldMan] })
    const [warning] = warningsOf(asked, aCandidate({ fidelity: 'reference' }))
    t.match(warning?.detail, /receives the clip of @coffee_girl .* Only described in words: @old_man\./)
  },
)

function known(id: string) {
  return id === coffeeGirl.id ? anAvailability('reseller-a') : anAvailability()
}

t.test('a request as routing sees it is what the caller asked for', async (t) => {
  const asked = aRequest(
    {},
    {
      characters: [coffeeGirl, oldMan],
      reference: { mediaId: 'media_1', kind: 'image', contentType: 'image/png', influence: null },
      size: '1280x720',
    },
  )
  t.same(routeRequestOf(asked, known), {
    model: 'sora-2',
    durationSeconds: 10,
    size: '1280x720',
    referenceKind: 'image',
    characters: [anAvailability('reseller-a'), anAvailability()],
    promptCharacters: promptLengths(asked.prompt, asked.characters),
  })
  t.equal(routeRequestOf(aRequest(), known).referenceKind, null)
})

t.test(
  'reverse breaks after the plan was made: the next scene falls back to official, by reference',
  async (t) => {
    const asked = aRequest({}, { characters: [coffeeGirl] })
    const seen = routeRequestOf(asked, () => anAvailability('reseller-a'))
    const decision = route(seen, [aView(reseller), aView(official)], aPolicy())
    if (decision.type !== 'plan') throw new Error('no plan')
    const generation = after([failedAt('reseller-a', 'upstream_down')], {
      plan: decision.plan,
      request: asked,
    })
    const views = new Map([official, reseller].map((spec) => [aSpec(spec).id, aView(spec)]))
    t.match(nextCandidate(generation, seen, views, T0), {
      type: 'start',
      candidate: { upstream: 'openai', fidelity: 'reference', durationSeconds: 12 },
      warnings: [{ code: 'duration_adjusted' }, { code: 'character_reference_used' }],
    })
  },
)
