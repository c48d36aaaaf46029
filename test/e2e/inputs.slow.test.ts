import t from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { aSound } from '../fixtures/sounds.ts'
import { aClip } from '../fixtures/clips.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'

/** The caller's files, and how often each was fetched. */
const fetched: string[] = []
const files = new Map<string, [string, Buffer]>([
  ['/first.png', ['image/png', aPicture(100)]],
  ['/last.png', ['image/png', aPicture(100)]],
  ['/woman.png', ['image/png', aPicture(100)]],
  ['/walk.mp4', ['video/mp4', await aClip({ seconds: 1, width: 320, height: 240 })]],
  ['/voice.wav', ['audio/wav', aSound(1)]],
])
const caller = await startHttp(t, (request, response) => {
  fetched.push(request.url)
  const [type, bytes] = files.get(request.url) ?? ['text/plain', Buffer.from('nothing')]
  response.writeHead(files.has(request.url) ? 200 : 404, { 'content-type': type }).end(bytes)
})
const at = (path: string) => `http://127.0.0.1:${caller.port}${path}`

/** A vendor that records the creates, and rejects all of them. */
async function startVendor() {
  const creates: any[] = []
  const server = await startHttp(t, (request, response) => {
    creates.push(JSON.parse(request.body.toString()))
    json(response, 429, { error: { code: 'busy', message: 'come back later' } })
  })
  return { creates, base_url: `http://127.0.0.1:${server.port}` }
}

const whole = {
  name: 'whole',
  create: {
    path: '/jobs',
    body: {
      model: '{{ model }}',
      prompt: '{{ prompt }}',
      seconds: '{{ seconds }}',
      first: '{{ first_frame.url }}',
      last: '{{ last_frame.url }}',
      references: '{{ references[*].{ kind: kind, role: role, name: name, url: url } }}',
      sound: '{{ audio }}',
      seed: '{{ asked_seed }}',
      negative: '{{ negative_prompt }}',
      resolution: '{{ resolution }}',
      ratio: '{{ aspect_ratio }}',
      mode: '{{ options.mode }}',
    },
    id: 'id',
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
  capabilities: {
    first_frame: true,
    last_frame: 'with_first_frame',
    references: { image: { max: 3 }, video: { max: 1, roles: ['motion'] }, audio: { max: 1 } },
    audio: 'optional',
    seed: 'accepted',
    negative_prompt: 'accepted',
    resolutions: ['480p', '720p'],
    aspect_ratios: ['16:9', '1:1', '9:16'],
    lengths: [{ resolutions: ['480p'], durations: [6] }],
    options: { mode: { type: 'string', values: ['std', 'pro'], price: { pro: { times: 2 } } } },
  },
}
/** Knows frames and pictures, and nothing of seeds and negative prompts. */
const plain = {
  name: 'plain',
  create: {
    path: '/jobs',
    body: {
      text: '{{ prompt }}',
      images: '{{ images }}',
      clips: '{{ videos }}',
      sounds: '{{ audios }}',
      begin: '{{ first_frame.url }}',
      end: '{{ last_frame.url }}',
      silent: '{{ !audio }}',
      size: '{{ size }}',
    },
    id: 'id',
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
}

const vendors = { whole: await startVendor(), plain: await startVendor(), framed: await startVendor() }
const usual = { models: { 'sora-2': 'v-1' }, poll: { first_after_seconds: 0.05, every_seconds: 0.05 } }
const ids = ['whole', 'plain', 'framed'] as const

const gateway = await startGateway(t, {
  upstreams: [
    ...ids.map((id) => ({ ...reverse, id, apiKey: `${id}-key-0001`, characters: false })),
    official,
  ],
  settings: {
    whole: {
      ...usual,
      ...vendors.whole,
      creates: undefined,
      dialect: whole,
      characters: 'none',
      durations: [5],
      sizes: null,
      max_characters: undefined,
      price: { per_second_usd: { default: 0.1, '480p': 0.02, '480p+audio': 0.03 } },
    },
    plain: {
      ...usual,
      ...vendors.plain,
      creates: undefined,
      dialect: plain,
      characters: 'none',
      max_characters: undefined,
      durations: [5, 6],
      sizes: ['854x480', '480x480'],
      capabilities: {
        first_frame: true,
        last_frame: 'any',
        references: { image: { max: 2 }, video: { max: 1 }, audio: { max: 1 } },
        audio: 'optional',
        negative_prompt: 'dropped',
      },
    },
    framed: {
      ...usual,
      ...vendors.framed,
      creates: undefined,
      dialect: { ...plain, name: 'framed' },
      characters: 'none',
      max_characters: undefined,
      durations: [6],
      sizes: ['854x480'],
      capabilities: {
        first_frame: true,
        last_frame: 'any',
        references: { image: { max: 2 }, video: { max: 1 }, audio: { max: 1 } },
        exclusive_inputs: [['last_frame', 'references']],
        audio: 'always',
      },
    },
  },
})

const everything = {
  prompt: 'a woman walks',
  duration: 6,
  first_frame: { image_url: at('/first.png') },
  last_frame: { image_url: at('/last.png') },
  references: [
    { image_url: at('/woman.png'), name: 'woman' },
    { video_url: at('/walk.mp4'), role: 'motion' },
    { audio_url: at('/voice.wav') },
  ],
  audio: true,
  seed: 7,
  negative_prompt: 'rain',
  resolution: '480p',
  aspect_ratio: '16:9',
  options: { whole: { mode: 'pro' } },
}

t.test('the route says of each upstream what it takes, what it drops, or why it is left out', async (t) => {
  const { status, body } = await gateway.call('POST', '/route', everything)
  t.equal(status, 200)
  const shown = body.candidates.map(({ upstream, takes, drops, estimated_cost_usd }: any) => ({
    upstream,
    takes,
    drops,
    estimated_cost_usd,
  }))
  const files = ['first_frame', 'last_frame', 'references', 'audio']
  t.same(shown, [
    {
      upstream: 'plain',
      takes: [...files, 'resolution', 'aspect_ratio'],
      drops: ['seed', 'negative_prompt'],
      estimated_cost_usd: 0.12,
    },
    {
      upstream: 'whole',
      takes: [...files, 'seed', 'negative_prompt', 'resolution', 'aspect_ratio', 'options.mode'],
      drops: [],
      // Six seconds at 480p with sound, twice as dear in this mode.
      estimated_cost_usd: 0.36,
    },
  ])
  t.same(
    body.excluded.map(({ upstream, code, detail }: any) => [upstream, code, detail]),
    [
      ['framed', 'input_unsupported', 'It takes only one of last_frame and references.'],
      ['official', 'size_unsupported', 'It does not offer 480p at 16:9.'],
    ],
  )
  t.same(fetched, [], 'nothing was fetched for it')
})

t.test('the create holds exactly what the upstream takes, and each file was fetched once', async (t) => {
  const { status, body } = await gateway.call('POST', '/generate', everything)
  t.equal(status, 202)
  t.same(fetched.toSorted(), [...files.keys()].toSorted())
  for (let step = 0; step < 40 && vendors.whole.creates.length === 0; step++) await gateway.advance(1000)

  const ours = /^http:\/\/127\.0\.0\.1:\d+\/media\/.+/
  const [first] = vendors.plain.creates
  t.same(Object.keys(first).toSorted(), [
    'begin',
    'clips',
    'end',
    'images',
    'silent',
    'size',
    'sounds',
    'text',
  ])
  t.match(first, {
    text: 'a woman walks',
    silent: false,
    size: '854x480',
    begin: ours,
    end: ours,
    images: [ours],
    clips: [ours],
    sounds: [ours],
  })
  const [second] = vendors.whole.creates
  const { first: begin, last: end, references, ...rest } = second
  t.same(rest, {
    model: 'v-1',
    prompt: 'a woman walks',
    seconds: 6,
    sound: true,
    seed: 7,
    negative: 'rain',
    resolution: '480p',
    ratio: '16:9',
    mode: 'pro',
  })
  t.match([begin, end], [ours, ours])
  t.match(references, [
    { kind: 'image', role: 'subject', name: 'woman', url: ours },
    { kind: 'video', role: 'motion', url: ours },
    { kind: 'audio', role: 'voice', url: ours },
  ])
  t.equal(references.length, 3)
  t.same(vendors.framed.creates, [])
  const picture = await fetch(begin)
  t.same(Buffer.from(await picture.arrayBuffer()), files.get('/first.png')?.[1])

  const shown = await gateway.call('GET', `/generations/${body.id}`)
  t.same(
    shown.body.warnings.map(({ code }: any) => code).filter((code: string) => code.endsWith('_dropped')),
    ['seed_dropped', 'negative_prompt_dropped'],
  )
  await gateway.call('POST', `/generations/${body.id}/cancel`)
})

t.test('a form asks for the same as JSON', async (t) => {
  const form = new FormData()
  const { first_frame: _first, last_frame: _last, references: _references, options, ...flat } = everything
  for (const [name, value] of Object.entries(flat)) form.set(name, String(value))
  form.set('options', JSON.stringify(options))
  form.set('first_frame', new Blob([files.get('/first.png')?.[1] ?? '']), 'first.png')
  form.set('last_frame_image_url', at('/last.png'))
  form.append('files', new Blob([files.get('/voice.wav')?.[1] ?? '']), 'voice.wav')
  form.append('files', new Blob([files.get('/woman.png')?.[1] ?? '']), 'woman.png')
  form.set('references', JSON.stringify([{ file: 'woman.png', name: 'woman' }, { file: 'voice.wav' }]))
  const { status, body } = await gateway.call('POST', '/route', form)
  t.equal(status, 200)
  t.match(body.candidates, [
    { upstream: 'plain', drops: ['seed', 'negative_prompt'] },
    { upstream: 'whole', takes: ['first_frame', 'last_frame', 'references', 'audio', 'seed'] },
  ])
  form.set('references', JSON.stringify([{ file: 'voice.wav' }]))
  const unnamed = await gateway.call('POST', '/route', form)
  t.match(unnamed, { status: 400, body: { errors: [{ pointer: '/files' }] } })
})

for (const [what, change, pointer] of [
  ['a size and a resolution', { size: '1280x720' }, '/resolution'],
  ['a reference and references', { reference: { image_url: at('/first.png') } }, '/references'],
  ['a ratio of no frame', { first_frame: undefined, aspect_ratio: 'auto' }, '/aspect_ratio'],
  [
    'a reference of two files',
    { references: [{ image_url: at('/a'), video_url: at('/b') }] },
    '/references/0',
  ],
  [
    'too many references',
    { references: Array.from({ length: 17 }, () => ({ image_url: at('/a') })) },
    '/references',
  ],
  ['a file outside of a form', { references: [{ file: 'a.png' }] }, '/references/0/file'],
  ['an option of nobody', { options: { whole: { camera: 'fixed' } } }, '/options/whole/camera'],
  [
    'an option of the gateway',
    { options: { whole: { callback_url: at('/') } } },
    '/options/whole/callback_url',
  ],
  ['a value of no option', { options: { whole: { mode: 'best' } } }, '/options/whole/mode'],
  ['options for nobody', { options: { hole: { mode: 'pro' } } }, '/options/hole'],
] as const) {
  t.test(`${what} is refused by name`, async (t) => {
    for (const path of ['/route', '/generate']) {
      const { status, body } = await gateway.call('POST', path, { ...everything, ...change })
      t.equal(status, 400, path)
      t.equal(body.code, 'validation_failed')
      t.same(body.errors.map((each: any) => each.pointer).slice(0, 1), [pointer])
    }
  })
}

t.test(
  'a file that is not what its member says is refused before the answer, and nothing stays',
  async (t) => {
    const before = await gateway.files()
    const references = [{ image_url: at('/woman.png') }, { audio_url: at('/walk.mp4') }]
    const { status, body } = await gateway.call('POST', '/generate', { ...everything, references })
    t.match([status, body.code, body.errors], [422, 'not_media', [{ pointer: '/references/1/audio_url' }]])
    t.same(await gateway.files(), before)
  },
)

t.test('a finished generation can be a reference; that of another tenant is none', async (t) => {
  const made = await gateway.generate({ prompt: 'a boat', duration: 4, routing: { upstreams: ['official'] } })
  t.equal(made.status, 'completed')
  const references = [{ generation_id: made.id, role: 'motion' }]
  const asked = { ...everything, references }
  const before = await gateway.files()
  const created = await gateway.call('POST', '/generate', asked)
  t.equal(created.status, 202)
  // Two frames and a copy of the video, because the original may be deleted.
  t.equal((await gateway.files()).length, before.length + 3)
  const foreign = await gateway.call('POST', '/generate', asked, { authorization: `Bearer ${keys.other}` })
  t.match(foreign, { status: 422, body: { code: 'generation_not_found' } })
  t.match(foreign.body.errors, [{ pointer: '/references/0/generation_id' }])
  await gateway.call('POST', `/generations/${created.body.id}/cancel`)
})
