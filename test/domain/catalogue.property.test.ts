import * as fc from 'fast-check'
import t from 'tap'
import { picturesOf } from '../../src/gateway/domain/catalogue/pictures.ts'
import type { OfferedPictures } from '../../src/gateway/domain/catalogue/pictures.ts'
import type { OfferedLengths } from '../../src/gateway/domain/catalogue/lengths.ts'
import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { InputName } from '../../src/gateway/domain/inputs/capabilities.ts'
import { linesOf, proportionOf, resolutionOf } from '../../src/gateway/domain/inputs/picture.ts'
import type { AspectRatio, Pixels, Resolution } from '../../src/gateway/domain/inputs/picture.ts'
import { noInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import type { RouteInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import { evaluate } from '../../src/gateway/domain/routing/evaluation/evaluate.ts'
import { aPolicy, aRouteRequest, aSpec, aView } from './builders.ts'

const allSizes: Pixels[] = ['1280x720', '720x1280', '1920x1080', '640x480', '2560x1440']
const allResolutions: Resolution[] = ['480p', '720p', '1080p', '1440p']
const allRatios: AspectRatio[] = ['16:9', '9:16', '1:1', '4:3']
const seconds = [4, 5, 8, 10]

function someOf<T>(all: readonly T[]) {
  return fc.option(fc.subarray([...all], { minLength: 1 }))
}
function listOf<T>(all: readonly T[]) {
  return fc.subarray([...all], { minLength: 1 })
}

const rule = fc
  .record({
    resolutions: someOf(allResolutions),
    inputs: someOf<InputName>(['first_frame', 'references']),
    durations: listOf(seconds),
  })
  .filter(({ resolutions, inputs }) => resolutions !== null || inputs !== null)

const capabilities = fc.record({
  resolutions: someOf(allResolutions),
  aspectRatios: someOf<AspectRatio | 'auto'>([...allRatios, 'auto']),
  lengths: fc.array(rule, { maxLength: 3 }),
  audio: fc.constantFrom(null, 'never' as const, 'always' as const, 'optional' as const),
})

const micros = fc.integer({ min: 1, max: 9 }).map((tens) => tens * 10)
const price = fc.record(
  { default: micros, '1280x720': micros, '1080p': micros, '2k': micros, 'default+audio': micros },
  { requiredKeys: ['default'] },
)

const upstream = fc
  .record({ sizes: someOf(allSizes), durations: someOf(seconds), capabilities, price })
  .map(({ price: perSecond, ...spec }) =>
    aSpec({
      ...spec,
      capabilities: {
        ...noCapabilities,
        firstFrame: true,
        references: { image: { max: 3, roles: null }, video: null, audio: null },
        ...spec.capabilities,
      },
      price: { type: 'per_second', micros: perSecond },
    }),
  )

const picture = fc.oneof(
  fc.constantFrom(...allSizes, '1600x1200' as const).map((size) => ({ size })),
  fc.record({
    resolution: fc.constantFrom(...allResolutions, '4k' as const),
    ratio: fc.constantFrom(...allRatios, '21:9' as const),
  }),
)
type Asked = typeof picture extends fc.Arbitrary<infer T> ? T : never

const request = fc.record({
  picture,
  durationSeconds: fc.constantFrom(...seconds, 6),
  frame: fc.boolean(),
  references: fc.boolean(),
  audio: fc.option(fc.boolean(), { nil: undefined }),
})
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

function inputsOf({ picture: asked, frame, references, audio }: Request): RouteInputs {
  return {
    ...noInputs,
    firstFrame: frame,
    references: references ? [{ kind: 'image', role: 'subject' }] : [],
    frameProportion: frame ? 16 / 9 : null,
    settings: {
      ...(audio !== undefined && { audio }),
      ...('ratio' in asked && { resolution: asked.resolution, aspectRatio: asked.ratio }),
    },
  }
}

/** Finds the row like a reader of the documentation. */
function rowFor(rows: readonly OfferedPictures[], asked: Asked): OfferedPictures | undefined {
  const lines = linesOf('size' in asked ? resolutionOf(asked.size) : asked.resolution)
  const named = rows.filter(({ resolution }) => resolution !== null && linesOf(resolution) === lines)
  const open = named.length > 0 ? named : rows.filter(({ resolution }) => resolution === null)
  return open.find(({ sizes, aspectRatios }) => {
    if ('ratio' in asked) return aspectRatios?.includes(asked.ratio) !== false
    if (sizes !== null) return sizes.includes(asked.size)
    const concrete = aspectRatios?.filter((ratio) => ratio !== 'auto') ?? []
    return concrete.length === 0 || concrete.some((ratio) => isLike(asked.size, ratio))
  })
}

function isLike(size: Pixels, ratio: AspectRatio): boolean {
  const [width = 1, height = 1] = size.split('x').map(Number)
  return Math.abs(width / height / proportionOf(ratio) - 1) <= 0.02
}

function holds(lengths: readonly OfferedLengths[], { durationSeconds, frame, references }: Request): boolean {
  const given = [...(frame ? ['first_frame'] : []), ...(references ? ['references'] : [])]
  const found = lengths.find(({ inputs }) => inputs === null || inputs.some((each) => given.includes(each)))
  return found?.durations?.includes(durationSeconds) !== false
}

t.test(
  'what is listed is accepted at no more than the listed price, and nothing else is accepted',
  async () => {
    fc.assert(
      fc.property(upstream, request, (spec, asked) => {
        const inputs = inputsOf(asked)
        const size = 'size' in asked.picture ? asked.picture.size : '1280x720'
        const { durationSeconds } = asked
        const routed = aRouteRequest({ durationSeconds, size, inputs })
        const decided = evaluate(routed, aView(spec), aPolicy({ duration: 'exact' }))
        if (decided.type === 'excluded' && decided.exclusion.code === 'audio_unsupported') return
        const row = rowFor(picturesOf(spec), asked.picture)
        const isListed = row !== undefined && holds(row.lengths, asked)
        if (isListed !== (decided.type === 'candidate'))
          throw new Error(`${isListed ? 'listed' : 'not listed'}, but ${JSON.stringify(decided)}`)
        if (decided.type !== 'candidate' || row === undefined) return
        const prices = row.prices.filter(
          ({ audio }) => audio === null || asked.audio === undefined || audio === asked.audio,
        )
        const highest = Math.max(...prices.map((each) => each.micros)) * durationSeconds
        if (decided.candidate.estimatedCostMicros > highest)
          throw new Error(`${decided.candidate.estimatedCostMicros} is more than ${highest}`)
      }),
      { numRuns: 3000 },
    )
  },
)

t.test('every price that is listed is that of a request', async () => {
  fc.assert(
    fc.property(upstream, (spec) => {
      const paid = Object.values(spec.price.type === 'per_second' ? spec.price.micros : {})
      return picturesOf(spec)
        .flatMap(({ prices }) => prices)
        .every((each) => paid.includes(each.micros))
    }),
  )
})
