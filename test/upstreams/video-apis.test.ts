import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { checkCreates, checkPolls, clip, image, json, plain, preset, recorded } from './preset-fixtures.ts'
import { mediaSource, noInputs as nothing, receivedAt } from './fixtures.ts'

/** The vendors of docs/vendors/video-apis.md: the creates of their documents, field by field, and answers as they write them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const voice = mediaSource(Buffer.from('wav'), 'audio/wav', 'voice.wav')

const framed: CreateInputs = { ...nothing, firstFrame: image, lastFrame: last }
const referred: CreateInputs = {
  ...nothing,
  references: [
    { kind: 'image', role: 'subject', name: null, media: image },
    { kind: 'video', role: 'motion', name: null, media: clip },
    { kind: 'audio', role: 'voice', name: null, media: voice },
  ],
}

/** The same in `content[]`. */
const roles = [
  { type: 'image_url', image_url: { url: image.url }, role: 'reference_image' },
  { type: 'video_url', video_url: { url: clip.url }, role: 'reference_video' },
  { type: 'audio_url', audio_url: { url: voice.url }, role: 'reference_audio' },
]

const asked = (changes: Partial<CreateRequest>): CreateRequest => ({ ...plain, ...changes })

t.test('openrouter', async (t) => {
  const dialect = preset('openrouter')
  const order = asked({
    model: 'google/veo-3.1',
    prompt: 'A serene mountain landscape at sunset',
    durationSeconds: 8,
  })
  const document = {
    model: 'google/veo-3.1',
    prompt: 'A serene mountain landscape at sunset',
    aspect_ratio: '16:9',
    duration: 8,
    resolution: '720p',
  }
  t.same(dialect.create.encode(order), {
    method: 'POST',
    path: '/videos',
    body: { type: 'json', value: document },
  })
  t.same(json(dialect.create.encode({ ...order, inputs: { ...framed, audio: true, seed: 42 } })), {
    type: 'json',
    value: {
      ...document,
      generate_audio: true,
      seed: 42,
      frame_images: [
        { type: 'image_url', image_url: { url: image.url }, frame_type: 'first_frame' },
        { type: 'image_url', image_url: { url: last.url }, frame_type: 'last_frame' },
      ],
    },
  })
  t.same(json(dialect.create.encode({ ...order, inputs: { ...referred, audio: false } })), {
    type: 'json',
    value: {
      ...document,
      generate_audio: false,
      input_references: [
        { type: 'image_url', image_url: { url: image.url } },
        { type: 'video_url', video_url: { url: clip.url } },
        { type: 'audio_url', audio_url: { url: voice.url } },
      ],
    },
  })
  t.match(dialect.create.encode({ ...order, inputs: { ...nothing, negativePrompt: 'rain' } }), {
    type: 'unsupported',
    message: /negative_prompt/,
  })
  const polling = { id: 'gen-vid-1', polling_url: 'https://openrouter.ai/api/v1/videos/gen-vid-1' }
  checkCreates(t, dialect, [
    ['the job', 202, { ...polling, status: 'pending' }, { job: { upstreamId: 'gen-vid-1' } }],
    ['no credit', 402, { error: { code: 402, message: 'Insufficient credits' } }, { type: 'upstream_down' }],
    [
      'flagged',
      403,
      { error: { code: 403, message: 'Your input was flagged', metadata: { reasons: ['violence'] } } },
      { type: 'refused' },
    ],
  ])
  const content = 'https://openrouter.ai/api/v1/videos/gen-vid-1/content?index=0'
  checkPolls(t, dialect, [
    ['pending', 200, { ...polling, status: 'pending' }, { type: 'running' }],
    [
      'done, and what it cost',
      200,
      { ...polling, status: 'completed', unsigned_urls: [content], usage: { cost: 0.8, is_byok: false } },
      { type: 'completed', result: { url: content }, charge: { micros: 800_000 } },
    ],
    [
      'failed, with text',
      200,
      { ...polling, status: 'failed', error: 'Provider timed out' },
      { type: 'failed', message: /timed out/ },
    ],
    [
      'refused',
      200,
      { ...polling, status: 'failed', error: 'Output blocked by content moderation' },
      { type: 'refused' },
    ],
    ['expired', 200, { ...polling, status: 'expired' }, { type: 'failed', retryable: true }],
    ['cancelled', 200, { ...polling, status: 'cancelled' }, { type: 'failed' }],
  ])
})

t.test('ark-tasks', async (t) => {
  const dialect = preset('ark-tasks')
  const order = asked({
    model: 'dreamina-seedance-2-0-260128',
    prompt: 'Drone shot flying over an autumn valley',
    durationSeconds: 5,
  })
  const text = { type: 'text', text: order.prompt }
  const document = {
    model: 'dreamina-seedance-2-0-260128',
    content: [text],
    ratio: '16:9',
    duration: 5,
    resolution: '720p',
    watermark: false,
  }
  const path = '/contents/generations/tasks'
  t.same(dialect.create.encode(order), { method: 'POST', path, body: { type: 'json', value: document } })
  const options = { camera_fixed: true, watermark: true }
  t.same(
    json(
      dialect.create.encode({
        ...order,
        inputs: { ...framed, audio: true, seed: 11, aspectRatio: 'auto', options },
      }),
    ),
    {
      type: 'json',
      value: {
        ...document,
        content: [
          text,
          { type: 'image_url', image_url: { url: image.url }, role: 'first_frame' },
          { type: 'image_url', image_url: { url: last.url }, role: 'last_frame' },
        ],
        ratio: 'adaptive',
        generate_audio: true,
        seed: 11,
        camera_fixed: true,
        watermark: true,
      },
    },
  )
  const inputs = { ...referred, audio: false, resolution: '480p', aspectRatio: '16:9' } as const
  t.same(json(dialect.create.encode({ ...order, size: '854x480', inputs })), {
    type: 'json',
    value: { ...document, content: [text, ...roles], resolution: '480p', generate_audio: false },
  })
  t.match(
    json(dialect.create.encode({ ...order, size: '854x480' })),
    { value: { ratio: '16:9', resolution: '480p' } },
    'a size of rounded sides is of the ratio that was meant',
  )
  t.match(json(dialect.create.encode({ ...order, size: '1280x704' })), { value: { ratio: '20:11' } })
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { id: 'cgt-20260606160057-6bbjd' },
      { job: { upstreamId: 'cgt-20260606160057-6bbjd' } },
    ],
    [
      'overdue',
      403,
      { error: { code: 'AccountOverdueError', message: 'overdue' } },
      { type: 'upstream_down' },
    ],
    ['full', 429, { error: { code: 'ServerOverloaded', message: 'busy' } }, { type: 'rejected' }],
    ['not open', 404, { error: { code: 'ModelNotOpen', message: 'not activated' } }, { modelGone: true }],
    [
      'refused',
      400,
      { error: { code: 'InputTextSensitiveContentDetected', message: 'may contain sensitive information' } },
      { type: 'refused' },
    ],
  ])
  t.match(dialect.poll.encode({ id: 'cgt-1' }), { method: 'GET', path: `${path}/cgt-1` })
  checkPolls(t, dialect, [
    ['queued', 200, { id: 'cgt-1', status: 'queued' }, { type: 'running' }],
    [
      'done, for a day',
      200,
      {
        id: 'cgt-1',
        model: order.model,
        status: 'succeeded',
        content: { video_url: 'https://x.example/v.mp4' },
        usage: { completion_tokens: 108_900, total_tokens: 108_900 },
      },
      {
        type: 'completed',
        model: order.model,
        result: { url: 'https://x.example/v.mp4', expiresAt: receivedAt + 86_400_000 },
      },
    ],
    [
      'refused by what came out',
      200,
      {
        id: 'cgt-1',
        status: 'failed',
        error: { code: 'OutputVideoSensitiveContentDetected', message: 'no' },
      },
      { type: 'refused' },
    ],
    ['expired', 200, { id: 'cgt-1', status: 'expired' }, { type: 'failed', retryable: true }],
    ['cancelled', 200, { id: 'cgt-1', status: 'cancelled' }, { type: 'failed' }],
  ])
  t.match(
    dialect.list?.decode(
      recorded(200, { items: [{ id: 'cgt-1', model: order.model, created_at: 1_790_000_000 }], total: 1 }),
    ),
    {
      type: 'page',
      jobs: [{ upstreamId: 'cgt-1', model: order.model, prompt: null, createdAt: 1_790_000_000_000 }],
    },
  )
  t.equal(dialect.list?.isAuthority, false, 'a page that lacks a job denies none')
})

t.test('minimax-v2', async (t) => {
  const dialect = preset('minimax-v2')
  const order = asked({
    model: 'MiniMax-H3',
    prompt: 'A serene mountain lake at sunrise.',
    durationSeconds: 5,
    size: '1366x768',
  })
  const text = { type: 'text', text: order.prompt }
  const document = {
    model: 'MiniMax-H3',
    content: [text],
    resolution: '768P',
    ratio: '16:9',
    duration: 5,
    aigc_watermark: false,
  }
  const path = '/v2/video_generation'
  t.same(dialect.create.encode(order), { method: 'POST', path, body: { type: 'json', value: document } })
  for (const inputs of [
    { ...nothing, resolution: '2k', aspectRatio: '9:16' } as const,
    { ...nothing, aspectRatio: '9:16' } as const,
  ])
    t.same(json(dialect.create.encode({ ...order, size: '1440x2560', inputs })), {
      type: 'json',
      value: { ...document, resolution: '2K', ratio: '9:16' },
    })
  t.same(json(dialect.create.encode({ ...order, inputs: { ...nothing, lastFrame: last } })), {
    type: 'json',
    value: {
      ...document,
      content: [text, { type: 'image_url', image_url: { url: last.url }, role: 'last_frame' }],
    },
  })
  t.same(
    json(dialect.create.encode({ ...order, inputs: { ...referred, options: { aigc_watermark: true } } })),
    {
      type: 'json',
      value: { ...document, content: [text, ...roles], aigc_watermark: true },
    },
  )
  t.match(dialect.create.encode({ ...order, inputs: { ...nothing, seed: 1 } }), { type: 'unsupported' })
  checkCreates(t, dialect, [
    ['the task', 200, { task_id: 'm1', base_resp: { status_code: 0 } }, { job: { upstreamId: 'm1' } }],
    [
      'an empty id',
      200,
      { task_id: '', base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
      { type: 'upstream_down' },
    ],
  ])
  t.match(dialect.poll.encode({ id: 'm1' }), { path: '/v2/query/video_generation/m1' })
  checkPolls(t, dialect, [
    ['running', 200, { task: { id: 'm1', status: 'running' } }, { type: 'running' }],
    [
      'done',
      200,
      { task: { id: 'm1', status: 'succeeded', content: { url: 'https://x.example/v.mp4' } } },
      { type: 'completed', result: { url: 'https://x.example/v.mp4' } },
    ],
    [
      'refused, in the task',
      200,
      { task: { id: 'm1', status: 'failed', error: { code: 1027, message: 'output new_sensitive' } } },
      { type: 'refused' },
    ],
    [
      'refused, beside the task',
      200,
      {
        task: { id: 'm1', status: 'failed' },
        base_resp: { status_code: 1026, status_msg: 'sensitive content' },
      },
      { type: 'refused' },
    ],
  ])
  t.match(dialect.list?.decode(recorded(200, { items: [{ id: 'm1', created_at: 1_790_000_000 }] })), {
    jobs: [{ upstreamId: 'm1' }],
  })
})

t.test('xai', async (t) => {
  const dialect = preset('xai')
  const order = asked({ model: 'grok-imagine-video-1.5', prompt: 'a fox in the snow', durationSeconds: 5 })
  const document = {
    model: 'grok-imagine-video-1.5',
    prompt: 'a fox in the snow',
    duration: 5,
    aspect_ratio: '16:9',
    resolution: '720p',
  }
  const path = '/videos/generations'
  t.same(dialect.create.encode(order), { method: 'POST', path, body: { type: 'json', value: document } })
  t.same(json(dialect.create.encode({ ...order, inputs: { ...nothing, firstFrame: image } })), {
    type: 'json',
    value: { ...document, image: { url: image.url } },
  })
  t.same(json(dialect.create.encode({ ...order, inputs: { ...framed, audio: false } })), {
    type: 'json',
    value: {
      ...document,
      generate_audio: false,
      image: { url: image.url },
      last_frame: { url: last.url },
    },
  })
  const [one] = referred.references
  const two = { ...nothing, references: one === undefined ? [] : [one, one] }
  t.same(json(dialect.create.encode({ ...order, inputs: two })), {
    type: 'json',
    value: { ...document, reference_images: [{ url: image.url }, { url: image.url }] },
  })
  const sound = dialect.create.encode({ ...order, inputs: referred })
  t.match(sound, { type: 'unsupported' }, 'nothing is left out')
  checkCreates(t, dialect, [
    ['the request', 200, { request_id: 'x1' }, { job: { upstreamId: 'x1' } }],
    ['refused', 400, { code: 'imagine:content-moderated', error: 'rejected' }, { type: 'refused' }],
  ])
  checkPolls(t, dialect, [
    ['pending', 202, { status: 'pending', progress: 40 }, { type: 'running', progress: 40 }],
    ['pending, without a body', 202, '', { type: 'running', progress: null }],
    [
      'done, and what it cost',
      200,
      {
        status: 'done',
        video: { url: 'https://x.example/v.mp4', duration: 5, respect_moderation: true },
        usage: { cost_in_usd_ticks: 7_000_000_000 },
      },
      { type: 'completed', result: { url: 'https://x.example/v.mp4' }, charge: { micros: 700_000 } },
    ],
    ['held back', 200, { status: 'done', video: { respect_moderation: false } }, { type: 'refused' }],
    [
      'failed, with text',
      200,
      { status: 'failed', error: 'it broke' },
      { type: 'failed', message: /it broke/ },
    ],
    ['expired', 200, { status: 'expired' }, { type: 'failed' }],
  ])
})
