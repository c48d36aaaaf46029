import t from 'tap'
import { renderByImages } from '../../src/gateway/domain/characters/prompt.ts'
import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { Capabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import { noInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import type { RouteInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import { stillsOfEach, voicesTaken } from '../../src/gateway/domain/inputs/still-room.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { anAvailability, aPolicy, aRouteRequest, aView } from './builders.ts'

function taking(max: number, more: Partial<Capabilities> = {}): Capabilities {
  return {
    ...noCapabilities,
    references: { ...noCapabilities.references, image: { max, roles: null } },
    ...more,
  }
}

const images = (count: number): RouteInputs['references'] =>
  Array.from({ length: count }, () => ({ kind: 'image', role: 'style' }))

t.test(
  'characters share what room the references of the request leave, three pictures each at most',
  async (t) => {
    const rows: Array<[number, { takes: Capabilities; given: number; characters: number }]> = [
      [3, { takes: taking(9), given: 0, characters: 1 }],
      [3, { takes: taking(9), given: 0, characters: 3 }],
      [2, { takes: taking(7), given: 0, characters: 3 }],
      [1, { takes: taking(7), given: 4, characters: 2 }],
      [0, { takes: taking(7), given: 6, characters: 2 }],
      [0, { takes: taking(1), given: 1, characters: 1 }],
      [1, { takes: taking(9, { mostReferences: 2 }), given: 1, characters: 1 }],
      [0, { takes: noCapabilities, given: 0, characters: 1 }],
    ]
    for (const [most, { takes, given, characters }] of rows)
      t.equal(stillsOfEach(takes, images(given), characters), most, JSON.stringify({ given, characters }))
    const styles = { ...noCapabilities.references, image: { max: 9, roles: ['style' as const] } }
    t.equal(stillsOfEach({ ...noCapabilities, references: styles }, [], 1), 0)
  },
)

t.test('voices go along where they are taken, beside pictures and never beside frames', async (t) => {
  const hearing = taking(9, { mostReferences: 4 })
  hearing.references.audio = { max: 2, roles: ['voice'] }
  t.equal(voicesTaken(hearing, noInputs, 2), 2)
  t.equal(voicesTaken(hearing, noInputs, 3), 1)
  t.equal(voicesTaken(hearing, noInputs, 4), 0)
  t.equal(voicesTaken(hearing, { ...noInputs, references: [{ kind: 'audio', role: 'voice' }] }, 0), 1)
  t.equal(voicesTaken(hearing, { ...noInputs, firstFrame: true }, 0), 0)
  t.equal(voicesTaken(taking(9), noInputs, 0), 0)
  hearing.references.audio = { max: 2, roles: ['motion'] }
  t.equal(voicesTaken(hearing, noInputs, 0), 0)
})

const pictured: Partial<UpstreamSpec> = { id: 'pictured', characters: 'stills', capabilities: taking(3) }

function excludedBy(spec: Partial<UpstreamSpec>, request: object, policy: object = {}) {
  const decision = route(aRouteRequest(request), [aView(spec)], aPolicy(policy))
  return decision.type === 'plan' ? null : decision.excluded[0]?.code
}

t.test(
  'an upstream of pictures shows characters inline, where there is room and the request allows it',
  async (t) => {
    const characters = [anAvailability()]
    const decision = route(aRouteRequest({ characters }), [aView(pictured)], aPolicy())
    t.match(decision, { type: 'plan', plan: { candidates: [{ fidelity: 'inline', reason: /as pictures/ }] } })
    t.equal(excludedBy(pictured, { characters }, { characterFidelity: 'native' }), 'character_unsupported')
    const inputs = { ...noInputs, references: images(3) }
    t.equal(excludedBy(pictured, { characters, inputs }), 'character_unsupported')
  },
)

t.test('pictures of characters count as references where inputs exclude each other', async (t) => {
  const capabilities = taking(3, { firstFrame: true, exclusive: [['first_frame', 'references']] })
  const inputs = { ...noInputs, firstFrame: true }
  const spec = { ...pictured, capabilities }
  t.equal(excludedBy(spec, { inputs }), null)
  t.equal(excludedBy(spec, { inputs, characters: [anAvailability()] }), 'input_unsupported')
})

t.test('a character without a clip is for upstreams that take pictures', async (t) => {
  const characters = [{ ...anAvailability(), withoutClip: true }]
  const rows: Array<[Partial<UpstreamSpec>, string | null]> = [
    [{ characters: 'native' }, 'character_unsupported'],
    [{ characters: 'native', charactersFrom: ['pictures'] }, null],
    [{ characters: 'native', charactersFrom: ['clip', 'pictures'] }, null],
    [{ characters: 'inline' }, 'character_unsupported'],
    [{ characters: 'reference', references: ['video'] }, 'character_unsupported'],
    [pictured, null],
  ]
  for (const [spec, code] of rows) t.equal(excludedBy(spec, { characters }), code, JSON.stringify(spec))
})

t.test(
  'upstreams that know a character go before those that see pictures, and these before one clip',
  async (t) => {
    const views = [
      aView({ id: 'a', characters: 'reference', references: ['video'] }),
      aView({ ...pictured, id: 'b' }),
      aView({ id: 'c', characters: 'native' }),
    ]
    const decision = route(aRouteRequest({ characters: [anAvailability('c')] }), views, aPolicy())
    const order = decision.type === 'plan' ? decision.plan.candidates.map(({ upstream }) => upstream) : []
    t.same(order, ['c', 'b', 'a'])
  },
)

t.test('a prompt says once which images show whom', async (t) => {
  const amber = { id: 'char_1' as const, name: 'amber_finch', description: 'in green' }
  const bo = { id: 'char_2' as const, name: 'bo', description: '' }
  const shown = new Map([
    [amber.id, [1, 2, 3]],
    [bo.id, [4]],
  ])
  t.equal(
    renderByImages('@amber_finch meets @bo; @amber_finch waves', [amber, bo], shown),
    'amber finch (as shown in reference images 1, 2 and 3: in green) meets bo (as shown in reference image 4); amber finch waves',
  )
  t.equal(
    renderByImages('@amber_finch meets @bo', [amber, bo], shown, (position) => `@image${position} `),
    'amber finch (as shown in @image1 , @image2  and @image3 : in green) meets bo (as shown in @image4 )',
    'in the form of the upstream',
  )
})
