import t from 'tap'
import { modelIds, modelOf } from '../../src/gateway/domain/catalogue/catalogue.ts'
import { offerOf } from '../../src/gateway/domain/catalogue/offer.ts'
import { picturesOf } from '../../src/gateway/domain/catalogue/pictures.ts'
import type { OfferedPictures } from '../../src/gateway/domain/catalogue/pictures.ts'
import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { aSpec, aView, open } from './builders.ts'

const floor = {
  allow: ['official', 'reverse', 'self_hosted'],
  allowUpstreams: null,
  allowModels: null,
} as const
const views = [
  aView({ id: 'a', kind: 'official', models: { one: '1', two: '2' } }),
  aView({ id: 'b', kind: 'reverse', models: { two: 'zwei' } }),
  aView({ id: 'c', models: { three: '3' } }, { enabled: false }),
]

t.test('a key sees what it may ask for, of upstreams that it may ask', async (t) => {
  const cases: Array<[object, string[], string[] | null]> = [
    [{}, ['one', 'two'], ['a', 'b']],
    [{ allow: ['reverse'] }, ['two'], ['b']],
    [{ allowUpstreams: ['a'] }, ['one', 'two'], ['a']],
    [{ allowModels: ['one', 'three'] }, ['one'], null],
    [{ allow: [] }, [], null],
  ]
  for (const [limits, ids, offering] of cases) {
    const limited = { ...floor, ...limits }
    t.strictSame(modelIds(views, limited), ids, JSON.stringify(limits))
    const two = modelOf(views, limited, 'two')
    t.strictSame(two && two.offers.map(({ upstream }) => upstream), offering, JSON.stringify(limits))
  }
  t.equal(modelOf(views, floor, 'constructor'), null, 'a property of every object is no model')
})

t.test(
  'an upstream whose creates fail, or that does not serve the model, is shown as not available',
  async (t) => {
    const outage = { model: 'zwei', reason: 'paused', until: 1 }
    const models = { one: 'eins', two: 'zwei' }
    t.ok(offerOf(aView({ models }), 'two').available)
    t.notOk(offerOf(aView({ models }, { breakers: { create: open() } }), 'two').available)
    t.ok(offerOf(aView({ models }, { breakers: { poll: open() } }), 'two').available, 'a create may leave')
    t.notOk(offerOf(aView({ models }, { outages: [outage] }), 'two').available)
    t.ok(offerOf(aView({ models }, { outages: [outage] }), 'one').available)
  },
)

const takingPictures = {
  ...noCapabilities,
  references: { ...noCapabilities.references, image: { max: 4, roles: null } },
}

t.test('characters are shown with the fidelity that requests get', async (t) => {
  const cases: Array<[Partial<UpstreamSpec>, string | null, number]> = [
    [{ characters: 'native', maxCharacters: 2 }, 'native', 2],
    [{ characters: 'inline', maxCharacters: 2 }, 'inline', 2],
    [{ characters: 'stills', maxCharacters: 2, capabilities: takingPictures }, 'inline', 2],
    [{ characters: 'stills', maxCharacters: 2 }, null, 0],
    [{ characters: 'reference', maxCharacters: 1, references: ['video'] }, 'reference', 1],
    [{ characters: 'reference', maxCharacters: 1, references: ['image'] }, null, 0],
    [{ characters: 'none' }, null, 0],
    [{ characters: 'native', maxCharacters: 0 }, null, 0],
  ]
  for (const [spec, fidelity, max] of cases)
    t.match(offerOf(aView(spec), 'sora-2').characters, { fidelity, max }, JSON.stringify(spec))
})

function sourcesOf(spec: Partial<UpstreamSpec>) {
  return offerOf(aView({ references: [], ...spec }), 'sora-2').sources
}

t.test('characters shown as pictures count as references of pictures', async (t) => {
  t.equal(offerOf(aView({ characters: 'stills' }), 'sora-2').characters.countsAs, 'image_references')
  t.equal(offerOf(aView({ characters: 'reference' }), 'sora-2').characters.countsAs, 'characters')
})

t.test('videos are made from those of anybody, of the upstream, or of nobody', async (t) => {
  t.strictSame(sourcesOf({}), { remix: 'none', edit: 'none', extension: 'none' })
  t.strictSame(sourcesOf({ sourceVideos: 'own' }), { remix: 'own', edit: 'own', extension: 'own' })
  t.strictSame(sourcesOf({ sourceVideos: 'own', remixOnly: true }), {
    remix: 'own',
    edit: 'none',
    extension: 'none',
  })
  t.strictSame(sourcesOf({ sourceVideos: 'any' }), { remix: 'any', edit: 'any', extension: 'any' })
  t.strictSame(sourcesOf({ references: ['video'] }), { remix: 'any', edit: 'any', extension: 'none' })
})

const anyLength = { inputs: null, durations: null, wholeSeconds: false, maxSeconds: null }
const perVideo = [{ audio: null, per: 'video', micros: 500_000 }] as const

/** The distinguishing members of a row. */
function rowsOf(spec: Partial<UpstreamSpec>): Array<Partial<OfferedPictures>> {
  return picturesOf(aSpec(spec))
}

t.test('an upstream that says nothing takes any picture and any length', async (t) => {
  t.strictSame(rowsOf({}), [
    { resolution: null, aspectRatios: null, sizes: null, lengths: [anyLength], prices: perVideo },
  ])
  t.match(rowsOf({ wholeSeconds: true, maxSeconds: 60 }), [
    { lengths: [{ durations: null, wholeSeconds: true, maxSeconds: 60 }] },
  ])
})

t.test('sizes are shown by resolution, with the ratios that come to one of them', async (t) => {
  t.match(rowsOf({ sizes: ['1280x720', '720x1280', '1920x1080'], durations: [4, 8] }), [
    {
      resolution: '720p',
      aspectRatios: ['16:9', '9:16'],
      sizes: ['1280x720', '720x1280'],
      lengths: [{ inputs: null, durations: [4, 8] }],
    },
    { resolution: '1080p', aspectRatios: ['16:9'], sizes: ['1920x1080'] },
  ])
})

t.test('resolutions and ratios are shown beside the sizes that are offered in pixels', async (t) => {
  const capabilities = {
    ...noCapabilities,
    resolutions: ['480p' as const, '2k' as const],
    aspectRatios: ['16:9' as const, 'auto' as const],
  }
  t.match(rowsOf({ capabilities, sizes: ['2560x1440', '320x240'] }), [
    { resolution: '240p', aspectRatios: [], sizes: ['320x240'] },
    { resolution: '480p', aspectRatios: ['16:9', 'auto'], sizes: [] },
    { resolution: '2k', aspectRatios: ['16:9', 'auto'], sizes: ['2560x1440'] },
  ])
  t.match(rowsOf({ capabilities: { ...capabilities, aspectRatios: null } }), [
    { resolution: '480p', aspectRatios: null, sizes: null },
    { resolution: '2k', aspectRatios: null, sizes: null },
  ])
})

t.test('lengths are shown in the order in which they apply', async (t) => {
  const lengths = [
    { resolutions: ['1080p' as const], inputs: ['references' as const], durations: [5] },
    { resolutions: ['1080p' as const], inputs: null, durations: [5, 8] },
    { resolutions: null, inputs: ['first_frame' as const], durations: [6] },
  ]
  const capabilities = { ...noCapabilities, lengths }
  const any = { wholeSeconds: false, maxSeconds: null }
  t.match(rowsOf({ capabilities, durations: [4, 12] }), [
    {
      resolution: '1080p',
      lengths: [
        { inputs: ['references'], durations: [5], ...any },
        { inputs: null, durations: [5, 8], ...any },
      ],
    },
    {
      resolution: null,
      lengths: [
        { inputs: ['first_frame'], durations: [6], ...any },
        { inputs: null, durations: [4, 12], ...any },
      ],
    },
  ])
  t.equal(rowsOf({ capabilities })[0]?.lengths?.length, 2, 'what can never apply is not shown')
})

t.test('prices are shown by picture, with and without sound', async (t) => {
  const price = {
    type: 'per_second',
    micros: { default: 100, '1080p': 200, 'default+audio': 150, '1280x720': 120 },
  } as const
  const sizes = ['1280x720', '720x1280', '1920x1080'] as const
  const priced = (audio: 'never' | 'always' | 'optional' | null, given: typeof sizes | null) =>
    picturesOf(aSpec({ price, sizes: given && [...given], capabilities: { ...noCapabilities, audio } })).map(
      ({ resolution, sizes: shown, prices }) => [
        resolution,
        shown,
        prices.map((each) => `${each.audio} ${each.micros}`),
      ],
    )
  t.strictSame(priced('never', sizes), [
    ['720p', ['1280x720'], ['null 120']],
    ['720p', ['720x1280'], ['null 100']],
    ['1080p', ['1920x1080'], ['null 200']],
  ])
  t.strictSame(priced('optional', sizes)[1], ['720p', ['720x1280'], ['false 100', 'true 150']])
  t.strictSame(priced('always', sizes)[1], ['720p', ['720x1280'], ['null 150']])
  t.strictSame(priced(null, sizes)[1], ['720p', ['720x1280'], ['null 150']], 'the highest')
  t.strictSame(priced('never', null), [
    ['720p', null, ['null 120']],
    ['1080p', null, ['null 200']],
    [null, null, ['null 100']],
  ])
})
