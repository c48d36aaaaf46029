import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { checkCreates, checkPolls, clip, image, json, plain, preset } from './preset-fixtures.ts'
import { mediaSource } from './fixtures.ts'

/** The vendors of docs/vendors/video-apis.md: the creates of their documents, field by field, and answers as they write them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const voice = mediaSource(Buffer.from('wav'), 'audio/wav', 'voice.wav')

const nothing: CreateInputs = {
  firstFrame: null,
  lastFrame: null,
  references: [],
  audio: null,
  seed: null,
  negativePrompt: null,
  resolution: null,
  aspectRatio: null,
  options: {},
}

const framed: CreateInputs = { ...nothing, firstFrame: image, lastFrame: last }
const referred: CreateInputs = {
  ...nothing,
  references: [
    { kind: 'image', role: 'subject', name: null, media: image },
    { kind: 'video', role: 'motion', name: null, media: clip },
    { kind: 'audio', role: 'voice', name: null, media: voice },
  ],
}

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
