import * as fc from 'fast-check'
import t from 'tap'
import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { Capabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import { audioFault, inputFault, inputFit } from '../../src/gateway/domain/inputs/input-fit.ts'
import { faultOfOption, withOptions } from '../../src/gateway/domain/inputs/options.ts'
import type { OptionSpec } from '../../src/gateway/domain/inputs/options.ts'
import { askedSize, chosenPicture } from '../../src/gateway/domain/inputs/picture-choice.ts'
import { isSizeOffered, sizeOfShape } from '../../src/gateway/domain/inputs/picture-offer.ts'
import { linesOf, pixelsOf, proportionOf, resolutionOf } from '../../src/gateway/domain/inputs/picture.ts'
import type { AspectRatio, Pixels, Resolution } from '../../src/gateway/domain/inputs/picture.ts'
import type { RequestSettings } from '../../src/gateway/domain/inputs/request-inputs.ts'
import { noInputs, optionsFor } from '../../src/gateway/domain/inputs/route-inputs.ts'
import type { RouteInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import { evaluate } from '../../src/gateway/domain/routing/evaluation/evaluate.ts'
import { factsOf } from '../../src/gateway/domain/routing/evaluation/facts.ts'
import { priceOf } from '../../src/gateway/domain/routing/price.ts'
import { aPolicy, aRouteRequest, aView } from './builders.ts'

const image = { kind: 'image', role: 'subject' } as const
const nothingElse = { characters: 0, referenceKind: null }
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

t.test('why an upstream cannot take what a request has, in words', async (t) => {
  const cases: Array<[string | null, Partial<RouteInputs>, Partial<Capabilities>]> = [
    [null, {}, noCapabilities],
    [null, { firstFrame: true, lastFrame: true, references: [image, image] }, {}],
    ['It takes no first frame.', { firstFrame: true }, { firstFrame: false }],
    ['It takes no last frame.', { lastFrame: true }, { lastFrame: 'none' }],
    [
      'It takes a last frame only together with a first frame.',
      { lastFrame: true },
      { lastFrame: 'with_first_frame' },
    ],
    [null, { firstFrame: true, lastFrame: true }, { lastFrame: 'with_first_frame' }],
    ['It takes 2 image references, not 3.', { references: [image, image, image] }, {}],
    [
      'It takes no video references of the role style.',
      { references: [{ kind: 'video', role: 'style' }] },
      {},
    ],
    [
      'It takes no audio references.',
      { references: [{ kind: 'audio', role: 'voice' }] },
      { references: { ...all.references, audio: null } },
    ],
    [
      'It takes 3 references, not 4.',
      {
        references: [image, image, { kind: 'video', role: 'motion' }, { kind: 'audio', role: 'voice' }],
      },
      {},
    ],
    [
      'It takes only one of first_frame and image_references.',
      { firstFrame: true, references: [image] },
      { exclusive: [['first_frame', 'image_references']] },
    ],
    [null, { firstFrame: true }, { exclusive: [['first_frame', 'image_references']] }],
    ['It takes no seed.', { settings: { seed: 0 } }, { seed: 'unsupported' }],
    [null, { settings: { seed: 0 } }, { seed: 'dropped' }],
    [
      'It takes no negative prompt.',
      { settings: { negativePrompt: 'x' } },
      { negativePrompt: 'unsupported' },
    ],
  ]
  for (const [fault, inputs, capabilities] of cases)
    t.equal(inputFault({ ...noInputs, ...inputs }, nothingElse, {}, { ...all, ...capabilities }), fault)
  t.equal(
    inputFault(
      { ...noInputs, references: [image] },
      { characters: 1, referenceKind: null },
      {},
      { ...all, exclusive: [['characters', 'references']] },
    ),
    'It takes only one of characters and references.',
  )
  t.equal(inputFault(noInputs, nothingElse, { mode: 'pro' }, all), 'It has no option mode.')
})

t.test('sound is asked for, done without, or left to the upstream', async (t) => {
  for (const support of [null, 'never', 'always', 'optional'] as const)
    t.equal(audioFault(undefined, support), null)
  t.same(
    [true, false].map((audio) => [
      audioFault(audio, 'never') === null,
      audioFault(audio, 'always') === null,
      audioFault(audio, 'optional') === null,
      audioFault(audio, null) === null,
    ]),
    [
      [false, true, true, false],
      [true, false, true, false],
    ],
  )
})

t.test('every setting that is said is taken or dropped, and never both', async () => {
  const support = fc.constantFrom('accepted' as const, 'dropped' as const)
  fc.assert(
    fc.property(
      support,
      support,
      fc.boolean(),
      fc.boolean(),
      (seed, negativePrompt, hasSeed, hasNegative) => {
        const settings: RequestSettings = {
          ...(hasSeed && { seed: 1 }),
          ...(hasNegative && { negativePrompt: 'x' }),
        }
        const { takes, drops } = inputFit({ ...noInputs, settings }, {}, { ...all, seed, negativePrompt })
        const said = [...(hasSeed ? ['seed'] : []), ...(hasNegative ? ['negative_prompt'] : [])]
        return [...takes, ...drops].toSorted().join() === said.toSorted().join()
      },
    ),
  )
})

t.test('a resolution and a ratio are pixels of that many lines and nearly that ratio', async () => {
  const resolution = fc.integer({ min: 240, max: 2160 }).map((lines): Resolution => `${lines - (lines % 2)}p`)
  const side = fc.integer({ min: 1, max: 21 })
  const ratio = fc.tuple(side, side).map(([a, b]): AspectRatio => `${a}:${b}`)
  fc.assert(
    fc.property(resolution, ratio, (lines, asked) => {
      const pixels = pixelsOf(lines, asked)
      const [width = 0, height = 0] = pixels.split('x').map(Number)
      const isEven = width % 2 === 0 && height % 2 === 0
      const isLike = Math.abs(width / height / proportionOf(asked) - 1) < 0.02
      return isEven && isLike && linesOf(resolutionOf(pixels)) === linesOf(lines)
    }),
  )
})

t.test('the picture that an upstream is asked for', async (t) => {
  const offer = {
    resolutions: ['480p', '720p'],
    aspectRatios: ['16:9', '1:1'],
  } satisfies Partial<Capabilities>
  const free = { resolutions: null, aspectRatios: null }
  const sold: Pixels[] = ['1280x720', '720x1280', '1920x1080']
  const cases: Array<
    [
      RequestSettings,
      number | null,
      typeof offer | typeof free | { resolutions: null; aspectRatios: ['auto'] },
      Pixels[] | null,
      string,
    ]
  > = [
    [{ resolution: '480p' }, null, offer, null, '854x480 480p null ok'],
    [{ resolution: '1080p' }, null, offer, null, '1920x1080 1080p null It does not offer 1080p.'],
    [{ aspectRatio: '1:1' }, null, offer, null, '720x720 null 1:1 ok'],
    [{ aspectRatio: '9:16' }, null, offer, null, '720x1280 null 9:16 It does not offer 9:16.'],
    [{ aspectRatio: 'auto' }, 0.9, offer, null, '720x720 null 1:1 ok'],
    [
      { aspectRatio: 'auto' },
      0.5,
      { resolutions: null, aspectRatios: ['auto'] },
      null,
      '720x1280 null auto ok',
    ],
    [{ resolution: '1080p', aspectRatio: '16:9' }, null, free, sold, '1920x1080 1080p 16:9 ok'],
    [
      { resolution: '1080p', aspectRatio: '9:16' },
      null,
      free,
      sold,
      '1080x1920 1080p 9:16 It does not offer 1080p at 9:16.',
    ],
    [{ aspectRatio: 'auto' }, 0.6, free, sold, '720x1280 null null ok'],
    [{ resolution: '4k', aspectRatio: '16:9' }, null, free, null, '3840x2160 4k 16:9 ok'],
  ]
  for (const [settings, frameProportion, capabilities, sizes, expected] of cases) {
    const { size, resolution, aspectRatio, fault } = chosenPicture(
      { settings, frameProportion },
      capabilities,
      sizes,
    )
    t.equal(`${size} ${resolution} ${aspectRatio} ${fault ?? 'ok'}`, expected)
  }
})

t.test('pixels are offered as sizes, else by their resolution and ratio', async (t) => {
  const wide = {
    resolutions: ['720p' as const, '4k' as const],
    aspectRatios: ['16:9' as const, 'auto' as const],
  }
  const cases: Array<[Pixels, Pixels[] | null, Parameters<typeof isSizeOffered>[2], boolean]> = [
    ['1280x720', null, noCapabilities, true],
    ['1280x720', null, wide, true],
    ['3840x2160', null, wide, true],
    ['1920x1080', null, wide, false],
    ['720x1280', null, wide, false],
    ['720x1280', null, { ...wide, aspectRatios: ['auto'] }, true],
    ['1920x1080', ['1920x1080'], wide, true],
    ['1280x720', ['1920x1080'], wide, false],
  ]
  for (const [size, sizes, capabilities, isOffered] of cases)
    t.equal(isSizeOffered(size, sizes, capabilities), isOffered, `${size} of ${String(sizes)}`)
})

t.test('a shape is the first size of that shape, else a picture that the upstream offers', async (t) => {
  const offer = { resolutions: ['480p' as const, '768p' as const], aspectRatios: null }
  t.equal(sizeOfShape('portrait', ['1280x720', '480x854'], noCapabilities), '480x854')
  t.equal(sizeOfShape('landscape', null, noCapabilities), '1280x720')
  t.equal(sizeOfShape('landscape', null, offer), '854x480')
  t.equal(sizeOfShape('portrait', null, { ...offer, aspectRatios: ['1:1', '3:4'] }), '480x640')
})

t.test('a resolution is said in the word of the upstream', async (t) => {
  const chosen = chosenPicture(
    { settings: { resolution: '2160p' }, frameProportion: null },
    { resolutions: ['1080p', '4k'], aspectRatios: null },
    null,
  )
  t.match(chosen, { size: '3840x2160', resolution: '4k', fault: null })
})

function sizeOf(settings: RequestSettings, frameProportion: number | null = null) {
  return askedSize(null, { settings, frameProportion })
}

t.test('the size of a request: said, by resolution and ratio, or the shape of its first frame', async (t) => {
  t.equal(askedSize('640x480', { settings: {}, frameProportion: 0.5 }), '640x480')
  t.same(
    [sizeOf({}), sizeOf({}, 0.5), sizeOf({}, 2), sizeOf({ aspectRatio: 'auto' }, 0.5)],
    ['landscape', 'portrait', 'landscape', 'portrait'],
  )
  t.same(
    [sizeOf({ resolution: '480p' }, 0.5), sizeOf({ aspectRatio: '9:16' }), sizeOf({ resolution: '2k' })],
    ['480x854', '720x1280', '2560x1440'],
  )
})

t.test(
  'prices are by size, then by resolution, then by default; with sound where that has a price',
  async (t) => {
    const micros = {
      default: 1,
      'default+audio': 2,
      '1280x720': 3,
      '1280x720+audio': 4,
      '1080p': 5,
      '480p+audio': 6,
    }
    const price = (size: Pixels, audio: boolean, resolution: Resolution | null = null) =>
      priceOf({ type: 'per_second', micros }, 10, size, { audio, resolution })
    t.same([price('1280x720', false), price('1280x720', true)], [30, 40])
    t.same([price('1920x1080', false), price('1920x1080', true)], [50, 50], 'sound costs nothing more there')
    t.same([price('854x480', false), price('854x480', true)], [10, 60])
    t.same([price('640x360', false), price('640x360', true)], [10, 20])
    t.equal(price('1440x1088', false, '1080p'), 50, 'what was asked for, not what came of it')
  },
)

t.test('options: values, bounds and what they do to the price', async (t) => {
  const any: OptionSpec = { type: 'integer', values: null, min: 1, max: 3, price: {} }
  t.same(
    [0, 1, 3, 4, 1.5, 'a'].map((value) => faultOfOption(any, value)),
    [
      'must be at least 1',
      null,
      null,
      'must be at most 3',
      'must be a whole number',
      'must be a whole number',
    ],
  )
  const mode: OptionSpec = {
    ...any,
    type: 'string',
    values: ['std', 'pro'],
    min: null,
    max: null,
    price: { pro: { type: 'times', factor: 1.5 } },
  }
  t.equal(faultOfOption(mode, 'max'), 'must be one of std, pro')
  const specs = {
    mode,
    fast: { ...any, type: 'boolean', price: { true: { type: 'per_second', micros: 7 } } },
    logo: { ...any, type: 'boolean', price: { false: { type: 'per_request', micros: 11 } } },
  } satisfies Record<string, OptionSpec>
  t.equal(withOptions(100, 10, { mode: 'std', fast: false, logo: true }, specs), 100)
  t.equal(withOptions(100, 10, { mode: 'pro', fast: true, logo: false }, specs), 150 + 70 + 11)
})

t.test(
  'options of the upstream stand over those of its dialect, and nobody is given those of others',
  async (t) => {
    const options = { ark: { a: 1, b: 1 }, mine: { b: 2 }, other: { c: 3 } }
    t.same(optionsFor({ options }, { id: 'mine', dialect: 'ark' }), { a: 1, b: 2 })
    t.same(optionsFor({ options }, { id: 'constructor', dialect: 'toString' }), {})
  },
)

t.test('lengths, price and sound of one request at one upstream', async (t) => {
  const price = { type: 'per_second', micros: { default: 10, '480p': 1, '480p+audio': 4 } } as const
  const capabilities: Capabilities = {
    ...all,
    resolutions: ['480p', '720p'],
    lengths: [
      { resolutions: ['480p'], inputs: null, durations: [6] },
      { resolutions: null, inputs: ['references'], durations: [8] },
    ],
  }
  const at = (settings: RequestSettings, more: Partial<RouteInputs> = {}) => {
    const request = aRouteRequest({ durationSeconds: 5, inputs: { ...noInputs, ...more, settings } })
    const { durationSeconds, estimatedCostMicros } = factsOf(
      request,
      aView({ durations: [5], price, capabilities, sizes: null }),
      aPolicy(),
    )
    return [durationSeconds, estimatedCostMicros]
  }
  t.same(at({ resolution: '720p', audio: false }), [5, 50])
  t.same(at({ resolution: '480p', audio: false }), [6, 6])
  t.same(at({ resolution: '480p', audio: true }), [6, 24])
  t.same(at({ resolution: '480p' }), [6, 24], 'where nobody says, what costs more')
  t.same(at({ resolution: '720p', audio: false }, { references: [image] }), [8, 80])
})

t.test('an input may be needed, and an option may exclude inputs and have lengths of its own', async (t) => {
  const loop: OptionSpec = { type: 'boolean', values: null, min: null, max: null, price: {} }
  const capabilities: Capabilities = {
    ...all,
    options: { loop },
    exclusive: [['options.loop', 'first_frame']],
    required: ['video_references', 'first_frame'],
    lengths: [{ resolutions: null, inputs: ['options.loop'], durations: [5] }],
  }
  const first = { ...noInputs, firstFrame: true }
  const video = { ...noInputs, references: [{ kind: 'video', role: 'motion' } as const] }
  const fault = (inputs: RouteInputs, options: Record<string, boolean>) =>
    inputFault(inputs, { ...nothingElse, options }, options, capabilities)
  t.equal(fault(noInputs, {}), 'It needs video_references or first_frame.')
  t.equal(fault(first, {}), null)
  t.equal(fault(first, { loop: true }), 'It takes only one of options.loop and first_frame.')
  t.equal(fault(first, { loop: false }), null)
  t.equal(fault(video, { loop: true }), null)
  const settings = { options: { any: { loop: true } } }
  const request = aRouteRequest({ durationSeconds: 10, inputs: { ...video, settings } })
  const decided = evaluate(request, aView({ capabilities }), aPolicy({ duration: 'exact' }))
  t.match(decided, { exclusion: { code: 'duration_unsupported', detail: 'It offers 5 s, not 10 s.' } })
})

t.test('a reference without a role excludes what references exclude', async (t) => {
  const capabilities: Capabilities = { ...all, exclusive: [['first_frame', 'references']] }
  const inputs = { ...noInputs, firstFrame: true }
  t.equal(inputFault(inputs, nothingElse, {}, capabilities), null)
  t.equal(
    inputFault(inputs, { characters: 0, referenceKind: 'image' }, {}, capabilities),
    'It takes only one of first_frame and references.',
  )
  const request = aRouteRequest({ referenceKind: 'image', inputs })
  t.match(evaluate(request, aView({ capabilities }), aPolicy()), {
    type: 'excluded',
    exclusion: { code: 'input_unsupported' },
  })
})

t.test(
  'a value that only another upstream of the dialect takes is sent to none without a price for it',
  async (t) => {
    const quality: OptionSpec = {
      type: 'string',
      values: ['std'],
      min: null,
      max: null,
      price: {},
    }
    const capabilities: Capabilities = { ...all, options: { quality } }
    t.equal(inputFault(noInputs, nothingElse, { quality: 'std' }, capabilities), null)
    t.equal(
      inputFault(noInputs, nothingElse, { quality: 'max' }, capabilities),
      'Its option quality must be one of std.',
    )
  },
)

t.test('a resolution costs the same by each of its words, and as pixels', async (t) => {
  const micros = { default: 1, '4k': 9, '4k+audio': 12, '1440p': 5 }
  const price = (size: Pixels, resolution: Resolution | null = null, audio = false) =>
    priceOf({ type: 'per_second', micros }, 1, size, { audio, resolution })
  t.same([price('3840x2160'), price('2160x3840'), price('3840x2160', '2160p')], [9, 9, 9])
  t.equal(price('3840x2160', null, true), 12)
  t.same([price('2560x1440', '2k'), price('1280x720')], [5, 1])
})

t.test('where nobody knows whether there is sound, the price is the higher one', async (t) => {
  const price = { type: 'per_second', micros: { default: 1, 'default+audio': 4 } } as const
  const costOf = (audio: Capabilities['audio']) =>
    factsOf(
      aRouteRequest({ durationSeconds: 5 }),
      aView({ price, capabilities: { ...all, audio } }),
      aPolicy(),
    ).estimatedCostMicros
  t.same([costOf(null), costOf('optional'), costOf('never'), costOf('always')], [20, 20, 5, 20])
})
