import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource } from './fixtures.ts'
import { checkCreates, checkPolls, clip, image, json, plain, preset, recorded } from './preset-fixtures.ts'

/** Replicate: the creates of its documents, field by field, and answers as it writes them. */

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
const order: CreateRequest = {
  ...plain,
  model: 'google/veo-3.1',
  prompt: 'A tree frog sits on a leaf',
  durationSeconds: 8,
}
const document = { prompt: order.prompt, duration: 8, aspect_ratio: '16:9', resolution: '720p' }
const body = (input: object) => ({ type: 'json', value: { input } })

const error = (status: number, title: string, detail: string) => ({ title, detail, status })

t.test('replicate: what is sent', async (t) => {
  const dialect = preset('replicate')
  t.same(dialect.create.encode(order), {
    method: 'POST',
    path: '/models/google/veo-3.1/predictions',
    body: body(document),
  })
  const frames: Array<[model: string, first: string, last: string]> = [
    ['google/veo-3.1', 'image', 'last_frame'],
    ['bytedance/seedance-2.0', 'image', 'last_frame_image'],
    ['wan-video/wan-3.0', 'image', 'last_image'],
    ['minimax/hailuo-3', 'first_frame_image', 'last_frame_image'],
  ]
  for (const [model, first, end] of frames)
    t.same(
      json(dialect.create.encode({ ...order, model, inputs: framed })),
      body({ ...document, [first]: image.url, [end]: last.url }),
      model,
    )
  const { resolution: _resolution, ...withoutResolution } = document
  t.same(
    json(dialect.create.encode({ ...order, model: 'kwaivgi/kling-v2.5-turbo-pro', inputs: framed })),
    body({ ...withoutResolution, start_image: image.url, end_image: last.url }),
    'a model that knows no resolution',
  )
  const references: CreateInputs['references'] = [
    { kind: 'image', role: 'subject', name: null, media: image },
    { kind: 'video', role: 'motion', name: null, media: clip },
    { kind: 'audio', role: 'voice', name: null, media: voice },
  ]
  const options = { camera_fixed: false, prompt_optimizer: true }
  t.same(
    json(
      dialect.create.encode({
        ...order,
        inputs: { ...nothing, references, audio: false, seed: 7, negativePrompt: 'rain', options },
      }),
    ),
    body({
      ...document,
      seed: 7,
      negative_prompt: 'rain',
      generate_audio: false,
      reference_images: [image.url],
      reference_videos: [clip.url],
      reference_audios: [voice.url],
      ...options,
    }),
    'settings that are off are said, and options go as they are',
  )
  const path = '/predictions/gm3q'
  t.match(dialect.poll.encode({ id: 'gm3q' }), { method: 'GET', path })
  t.match(dialect.cancel?.encode({ id: 'gm3q' }), { method: 'POST', path: `${path}/cancel` })
})

t.test('replicate: what its answers mean', async (t) => {
  const dialect = preset('replicate')
  const prediction = { id: 'gm3q', model: 'google/veo-3.1', version: 'hidden', error: null, output: null }
  checkCreates(t, dialect, [
    [
      'the prediction',
      201,
      { ...prediction, status: 'starting' },
      { job: { upstreamId: 'gm3q', model: 'google/veo-3.1' } },
    ],
    ['a wrong token', 401, error(401, 'Unauthenticated', 'Invalid token.'), { type: 'upstream_down' }],
    [
      'no credit',
      402,
      error(402, 'Insufficient credit', 'You have insufficient credit.'),
      { type: 'upstream_down' },
    ],
    [
      'no such model',
      404,
      error(404, 'Not found', 'The requested resource could not be found.'),
      { type: 'upstream_down' },
    ],
    [
      'a wrong input',
      422,
      error(
        422,
        'Input validation failed',
        '- input.duration: duration must be one of the following: 4, 6, 8\n',
      ),
      { type: 'invalid' },
    ],
    [
      'too many, with little credit',
      429,
      {
        detail:
          'Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests while you have less than $5.0 in credit. Your rate limit resets in ~5s.',
        status: 429,
        retry_after: 5,
      },
      { type: 'rejected' },
    ],
  ])
  const url = 'https://replicate.delivery/xezq/abc/out.mp4'
  const failed = (words: string) => ({ ...prediction, status: 'failed', error: words })
  checkPolls(
    t,
    dialect,
    [
      ['it waits', 200, { ...prediction, status: 'starting' }, { type: 'running' }],
      ['it runs', 200, { ...prediction, status: 'processing' }, { type: 'running' }],
      [
        'one address',
        200,
        { ...prediction, status: 'succeeded', output: url },
        { type: 'completed', result: { url } },
      ],
      [
        'a list',
        200,
        { ...prediction, status: 'succeeded', output: [url] },
        { type: 'completed', result: { url } },
      ],
      ['nothing yet', 200, { ...prediction, status: 'succeeded' }, { type: 'unreadable' }],
      [
        'refused',
        200,
        failed(
          'The input or output was flagged as sensitive. Please try again with different inputs. (E005) (abc)',
        ),
        { type: 'refused' },
      ],
      ['refused, with the code alone', 200, failed('Prediction failed. (E005)'), { type: 'refused' }],
      ['failed', 200, failed('Prediction interrupted; please retry (code: PA)'), { type: 'failed' }],
      ['canceled', 200, { ...prediction, status: 'canceled' }, { type: 'failed' }],
      ['aborted', 200, { ...prediction, status: 'aborted' }, { type: 'failed' }],
      [
        'not found',
        404,
        error(404, 'Not found', 'The requested resource could not be found.'),
        { type: 'not_found' },
      ],
      ['throttled', 429, error(429, 'Too many requests', 'Request was throttled.'), { type: 'unreachable' }],
    ],
    { id: 'gm3q' },
  )
  const entry = {
    ...prediction,
    status: 'starting',
    input: { prompt: 'a frog' },
    created_at: '2026-11-27T10:00:00Z',
  }
  t.match(dialect.list?.decode(recorded(200, { next: null, previous: null, results: [entry] })), {
    jobs: [
      {
        upstreamId: 'gm3q',
        prompt: 'a frog',
        model: 'google/veo-3.1',
        createdAt: Date.UTC(2026, 10, 27, 10),
      },
    ],
  })
  t.equal(dialect.list?.isAuthority, false, 'of one page, which denies no job')
})
