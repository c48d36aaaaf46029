import { clipSecondsOf } from '../../src/gateway/domain/routing/price.ts'
import type { RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import t from 'tap'
import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { Capabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import { noInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import type { RouteInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import { factsOf } from '../../src/gateway/domain/routing/evaluation/facts.ts'
import { aPolicy, aRouteRequest, aView } from './builders.ts'

const image = { kind: 'image', role: 'subject' } as const
const all: Capabilities = {
  ...noCapabilities,
  firstFrame: true,
  lastFrame: 'any',
  references: {
    image: { max: 2, roles: null },
    video: { max: 1, roles: ['motion'] },
    audio: { max: 1, roles: null },
  },
  mostReferences: 3,
  audio: 'optional',
  seed: 'accepted',
  negativePrompt: 'accepted',
}

const seconds = (characters: RouteRequest['characters'], mode: UpstreamSpec['characters']) =>
  clipSecondsOf(characters, { characters: mode })

const aVideo = (durationSeconds?: number) => ({
  kind: 'video' as const,
  role: 'motion' as const,
  ...(durationSeconds !== undefined && { durationSeconds }),
})
const withReferences = (...list: RouteInputs['references']) => ({ inputs: { ...noInputs, references: list } })

t.test('the seconds of videos that go along are paid for where an upstream asks for it', async (t) => {
  const price = { type: 'per_second', micros: { default: 100_000 } } as const
  const capabilities = { ...all, references: { ...all.references, video: { max: 9, roles: null } } }
  const view = (inputSecondMicros?: number) =>
    aView({
      price,
      durations: null,
      capabilities,
      ...(inputSecondMicros !== undefined && { inputSecondMicros }),
    })
  const cost = (request: Parameters<typeof aRouteRequest>[0], micros?: number) =>
    factsOf(aRouteRequest({ durationSeconds: 10, ...request }), view(micros), aPolicy()).estimatedCostMicros
  t.equal(cost({}, 40_000), 1_000_000)
  t.equal(cost(withReferences(aVideo(2.5))), 1_000_000, 'without a price for them they are free')
  t.equal(cost(withReferences(aVideo(2.5), aVideo(4), image), 40_000), 1_260_000)
  t.equal(cost(withReferences(aVideo()), 40_000), 1_600_000, 'fifteen seconds until it is here')
  t.equal(cost({ referenceKind: 'video' }, 40_000), 1_600_000)
  t.equal(cost({ referenceKind: 'image' }, 40_000), 1_000_000)
  const source = { kind: 'edit', holder: null, durationSeconds: 8 } as const
  t.equal(cost({ source }, 40_000), 1_320_000)
})

t.test('clips of characters that go along are paid for like other videos', async (t) => {
  const known = { boundOn: [], failedOn: [] }
  const cast = [
    { ...known, clipSeconds: 3 },
    { ...known, clipSeconds: 4 },
    known,
    { ...known, withoutClip: true },
  ]
  t.equal(seconds(cast, 'inline'), 22, 'fifteen where the length is not known, none without a clip')
  t.equal(seconds(cast, 'reference'), 3, 'one is the reference')
  t.equal(seconds(cast.slice(3), 'reference'), 0)
  for (const mode of ['native', 'stills', 'none'] as const) t.equal(seconds(cast, mode), 0, mode)
  const price = { type: 'per_second', micros: { default: 100_000 } } as const
  const view = aView({ price, durations: null, characters: 'reference', inputSecondMicros: 40_000 })
  const request = aRouteRequest({ durationSeconds: 10, characters: cast.slice(0, 1) })
  t.equal(factsOf(request, view, aPolicy()).estimatedCostMicros, 1_120_000)
})
