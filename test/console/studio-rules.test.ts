import * as fc from 'fast-check'
import t from 'tap'
import { offersOf } from '../../src/console/src/rules/offers.ts'
import { priceOf } from '../../src/console/src/rules/price-words.ts'
import { sceneLines, sceneOfPointer, withoutScenes } from '../../src/console/src/rules/scenes.ts'
import { keyedParts, mayBeAccepted, newKey, parseParts } from '../../src/console/src/rules/send-once.ts'
import { retryOf, retryable, sceneState } from '../../src/console/src/rules/series-words.ts'
import { draftOf, emptyDraft, parseDraft } from '../../src/console/src/rules/studio-draft.ts'
import type { Draft } from '../../src/console/src/rules/studio-draft.ts'
import {
  faultsOfDraft,
  formOf,
  metadataOf,
  pricedTogether,
  requestsOf,
  seriesOf,
  stampOf,
} from '../../src/console/src/rules/studio-request.ts'
import { GenerateRequest } from '../../src/gateway/http/schemas/generations/generate.ts'
import { SeriesRequest } from '../../src/gateway/http/schemas/series/series-request.ts'
import { sampleGeneration } from '../http/samples.ts'
import { toGenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'

t.test('every line that says something is a scene, at its place', async (t) => {
  const text = '  @a walks \n\n\t\r\n@b runs\r\nlast'
  t.strictSame(
    sceneLines(text).map(({ prompt }) => prompt),
    ['@a walks', '@b runs', 'last'],
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '@', ' ', '\n', '\r', '在', '👩') }), (written) => {
      for (const { prompt, start } of sceneLines(written)) {
        t.equal(written.slice(start, start + prompt.length), prompt)
        t.equal(prompt.trim(), prompt)
        t.not(prompt, '')
      }
    }),
  )
})

t.test('what was accepted leaves the text, the rest stays in order', async (t) => {
  t.equal(withoutScenes('one\n\n two \nthree', [1]), 'one\nthree')
  t.equal(withoutScenes('one\ntwo', []), 'one\ntwo')
  t.equal(withoutScenes('one\ntwo', [0, 1]), '')
})

t.test('a pointer into a series says the scene', async (t) => {
  t.strictSame(sceneOfPointer('/scenes/12/prompt'), { index: 12, rest: '/prompt' })
  t.equal(sceneOfPointer('/prompt'), null)
  t.equal(sceneOfPointer('/settings/scenes/1'), null)
})

const plan = (cost: number) => ({ estimated_cost_usd: cost, worst_case_cost_usd: cost * 2 })

t.test('the price of all is the exact sum, and unknown while one has none', async (t) => {
  t.strictSame(priceOf([plan(0.1), plan(0.2)]), { estimatedUsd: 0.3, worstUsd: 0.6 })
  t.equal(priceOf([plan(0.1), null]), null)
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { maxLength: 100 }), (micros) => {
      const price = priceOf(micros.map((each) => plan(each / 1_000_000)))
      t.equal(
        Math.round((price?.estimatedUsd ?? 0) * 1_000_000),
        micros.reduce((sum, each) => sum + each, 0),
      )
    }),
  )
})

t.test('what had no answer is sent again under its key; everything else gets a fresh one', async (t) => {
  let made = 0
  const fresh = () => `new-${++made}`
  const open = [
    { stamp: 'a', key: 'old-a' },
    { stamp: 'b', key: 'old-b' },
  ]
  t.strictSame(keyedParts(open, ['b', 'c', 'a', 'a'], fresh), [
    { stamp: 'b', key: 'old-b' },
    { stamp: 'c', key: 'new-1' },
    { stamp: 'a', key: 'old-a' },
    { stamp: 'a', key: 'new-2' },
  ])
  const stamps = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 })
  fc.assert(
    fc.property(stamps, stamps, (before, now) => {
      const first = keyedParts([], before, fresh)
      const second = keyedParts(first, now, fresh)
      t.equal(new Set(second.map(({ key }) => key)).size, now.length, 'no key twice')
      const kept = second.filter(({ key }) => first.some((part) => part.key === key))
      for (const { stamp, key } of kept) t.equal(first.find((part) => part.key === key)?.stamp, stamp)
    }),
  )
  t.strictSame(keyedParts(parseParts(JSON.stringify(open)), ['a'], fresh), [{ stamp: 'a', key: 'old-a' }])
  for (const text of [null, '', '{', '3', 'null', '[1,{"stamp":1,"key":"x"}]'])
    t.strictSame(parseParts(text), [])
})

const isOpen = (status: number, code: string) => mayBeAccepted({ status, code })

t.test('only a failure that says nothing leaves open whether it was accepted', async (t) => {
  t.equal(isOpen(0, 'unreachable'), true)
  t.equal(isOpen(502, 'unreadable'), true)
  t.equal(isOpen(503, 'overloaded'), true)
  t.equal(isOpen(409, 'idempotency_in_progress'), true)
  t.equal(isOpen(422, 'no_upstream'), false)
  t.equal(isOpen(429, 'rate_limited'), false)
  t.equal(isOpen(401, 'unauthorized'), false)
})

t.test('a key has 128 bits from the source it is given', async (t) => {
  t.equal(
    newKey((bytes) => bytes.fill(10)),
    '0a'.repeat(16),
  )
})

const filledIn: Draft = {
  ...emptyDraft,
  prompt: ' @coffee_girl walks ',
  lines: '@coffee_girl walks\nin a tram',
  seriesName: ' A day ',
  shared: ['coffee_girl'],
  model: 'sora-2',
  duration: '7,5',
  size: '1280x720',
  priority: 'stability',
  nativeOnly: true,
  exactLength: true,
  fallback: false,
  maxCost: '$1.50',
  upstreams: ['openai'],
  sound: 'without',
  seed: '7',
  negative: ' cars ',
  referenceUrl: 'https://media.example/clip.MP4?sig=1',
  metadata: 'shot = 12b\nnote=a = b',
}

t.test('the form becomes the request that says the same', async (t) => {
  const [request] = requestsOf(filledIn)
  t.strictSame(request, {
    prompt: '@coffee_girl walks',
    model: 'sora-2',
    duration: 7.5,
    size: '1280x720',
    audio: false,
    seed: 7,
    negative_prompt: 'cars',
    reference: { video_url: 'https://media.example/clip.MP4?sig=1' },
    routing: {
      priority: 'stability',
      upstreams: ['openai'],
      fallback: false,
      character_fidelity: 'native',
      duration: 'exact',
      max_cost_usd: 1.5,
    },
    metadata: { shot: '12b', note: 'a = b' },
  })
  t.strictSame(requestsOf({ ...emptyDraft, prompt: 'x', size: '' }), [{ prompt: 'x' }], 'silence is silence')
  t.strictSame(requestsOf(emptyDraft), [])
  t.equal(requestsOf({ ...filledIn, mode: 'several' }).length, 2)
})

t.test('a ceiling is for each video, and in a series for all scenes together', async (t) => {
  const several: Draft = { ...filledIn, mode: 'several' }
  t.match(pricedTogether(several), { characters: [], settings: { routing: { max_cost_usd: 1.5 } } })
  t.notOk('max_cost_usd' in pricedTogether(several))
  const series = seriesOf(several)
  t.match(series, { name: 'A day', max_cost_usd: 1.5, characters: ['coffee_girl'], scenes: { length: 2 } })
  t.notOk('max_cost_usd' in (series.settings?.routing ?? {}))
})

t.test('what the form can say, the gateway takes', async (t) => {
  const words = fc.string({ unit: fc.constantFrom('a', '@', ' ', '在', '.', '7') })
  const drafts = fc.record({
    prompt: words,
    lines: words,
    duration: fc.constantFrom('', '5', '7.5', '600'),
    size: fc.constantFrom('landscape', 'portrait', '1280x720', ''),
    priority: fc.constantFrom('' as const, 'cost' as const, 'stability' as const),
    sound: fc.constantFrom('' as const, 'with' as const, 'without' as const),
    nativeOnly: fc.boolean(),
    fallback: fc.boolean(),
    maxCost: fc.constantFrom('', '0.5', '$2'),
    seed: fc.constantFrom('', '0', '4294967295'),
    negative: words,
    upstreams: fc.subarray(['a', 'b']),
    metadata: fc.constantFrom('', 'a = b'),
    referenceUrl: fc.constantFrom('', 'https://a.example/x.png'),
  })
  fc.assert(
    fc.property(drafts, (said) => {
      const draft: Draft = { ...emptyDraft, ...said }
      for (const request of requestsOf(draft)) t.ok(GenerateRequest.safeParse(request).success)
      if (sceneLines(draft.lines).length === 0) return
      t.ok(SeriesRequest.safeParse(seriesOf(draft)).success)
      t.ok(SeriesRequest.safeParse(pricedTogether(draft)).success)
    }),
  )
})

const faults = (change: Partial<Draft>) =>
  faultsOfDraft({ ...emptyDraft, ...change }).map(({ field }) => field)

t.test('what cannot be asked is named by its field', async (t) => {
  t.strictSame(faults({}), [])
  t.strictSame(faults({ maxCost: 'much' }), ['maxCost'])
  t.strictSame(faults({ maxCost: '0' }), ['maxCost'])
  t.strictSame(faults({ duration: '-5', seed: '1.5', metadata: 'no value' }), [
    'duration',
    'seed',
    'metadata',
  ])
  t.equal(metadataOf('= x'), null)
  t.strictSame(metadataOf(' \n'), {})
})

t.test('a draft survives being kept, and anything else that was kept is an empty one', async (t) => {
  t.strictSame(parseDraft(JSON.stringify(filledIn)), filledIn)
  for (const text of [null, '', '{', '[]', '"x"', '{"prompt":3,"upstreams":[1],"fallback":"no"}'])
    t.strictSame(parseDraft(text), emptyDraft, text ?? 'null')
})

t.test('the same again asks for the same', async (t) => {
  const generation = toGenerationDto(sampleGeneration())
  const [request] = requestsOf(draftOf(generation))
  t.match(request, {
    prompt: '@coffee_girl walks',
    model: 'sora-2',
    duration: 10,
    size: '1280x720',
    routing: { priority: 'cost' },
    metadata: { shot: '12b' },
  })
})

t.test('files go as parts, and another file is another request', async (t) => {
  const file = new File(['x'], 'a.png', { lastModified: 1 })
  const [request] = requestsOf(filledIn)
  if (request === undefined) throw new Error('no request')
  const form = formOf(request, { first_frame: file })
  t.equal(form.get('duration'), '7.5')
  t.match(JSON.parse(await new Response(form.get('routing')).text()), { priority: 'stability' })
  t.equal(form.get('reference_video_url'), 'https://media.example/clip.MP4?sig=1')
  t.equal(form.get('reference'), null)
  t.ok(form.get('first_frame') instanceof File)
  const other = new File(['y'], 'a.png', { lastModified: 2 })
  t.not(stampOf(request, { reference: file }), stampOf(request, { reference: other }))
  t.not(stampOf(request, { reference: file }), stampOf(request, { first_frame: file }))
  t.equal(stampOf(request, { reference: file }), stampOf({ ...request }, { reference: file }))
})

const model = (id: string, durations: number[] | null, isDefault = false) => ({
  id,
  default: isDefault,
  upstreams: [
    {
      upstream: `${id}-house`,
      reference: ['image'],
      pictures: [{ sizes: ['720x1280', '1280x720'], lengths: [{ durations }] }],
      inputs: { first_frame: true, last_frame: 'none' },
    },
  ],
})

t.test('the choices are what some upstream of the model offers', async (t) => {
  const models = [model('a', [12, 4, 8], true), model('b', null)]
  t.match(offersOf(models, ''), {
    models: ['a', 'b'],
    defaultModel: 'a',
    lengths: [4, 8, 12],
    anyLength: false,
    sizes: ['1280x720', '720x1280'],
    upstreams: ['a-house'],
    takesReference: true,
    takesFirstFrame: true,
    takesLastFrame: false,
  })
  t.match(offersOf(models, 'b'), { lengths: [5, 10, 15], anyLength: true })
  t.match(offersOf([], ''), { models: [], lengths: [5, 10, 15], upstreams: [] })
})

const scene = (status: string, code: string | null) => ({
  id: '1',
  status,
  error: code === null ? null : { code },
})

t.test('a failed scene is sent again as it is, with other words, or not at all', async (t) => {
  t.equal(retryOf(scene('completed', null)), null)
  t.equal(retryOf(scene('failed', 'upstream_failed')), 'as_is')
  t.equal(retryOf(scene('failed', 'content_refused')), 'other_words')
  t.equal(retryOf(scene('failed', 'outcome_unknown')), 'never')
  t.equal(retryable([scene('failed', 'upstream_failed'), scene('failed', 'content_refused')]), 1)
  t.equal(sceneState({ status: 'waiting' }), 'queued')
  t.equal(sceneState({ status: 'failed' }), 'failed')
})
