import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource, noInputs } from './fixtures.ts'
import { checkCreates, checkPolls, clip, image, plain, preset, recorded } from './preset-fixtures.ts'

/** docs/vendors/video-apis.md#dashscope: the creates of its documents, field by field, and answers as it writes them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const voice = mediaSource(Buffer.from('wav'), 'audio/wav', 'voice.wav')
const dialect = preset('dashscope')
const order: CreateRequest = {
  ...plain,
  model: 'wan3.0-video',
  prompt: 'a paper boat in the rain',
  durationSeconds: 5,
}
const given = (inputs: Partial<CreateInputs>, model = order.model): CreateRequest => ({
  ...order,
  model,
  inputs: { ...noInputs, ...inputs },
})
const picture = { kind: 'image', role: 'subject', name: null, media: image } as const
const references: CreateInputs['references'] = [
  picture,
  { kind: 'video', role: 'motion', name: null, media: clip },
  { kind: 'audio', role: 'voice', name: null, media: voice },
]

const input = { prompt: 'a paper boat in the rain' }
const parameters = { resolution: '720P', ratio: '16:9', duration: 5, watermark: false }
const { ratio: _ratio, ...withoutRatio } = parameters
const first = { type: 'first_frame', url: image.url }

const creates: [what: string, request: CreateRequest, body: object][] = [
  ['words alone', order, { model: 'wan3.0-video', input, parameters }],
  [
    'two frames, of which the first gives the ratio',
    given({ firstFrame: image, lastFrame: last, aspectRatio: 'auto' }),
    {
      model: 'wan3.0-video',
      input: { ...input, media: [first, { type: 'last_frame', url: last.url }] },
      parameters: { ...parameters, ratio: 'adaptive' },
    },
  ],
  [
    'references of every kind, with everything else',
    given({ references, audio: false, seed: 7, options: { watermark: true } }),
    {
      model: 'wan3.0-video',
      input: {
        ...input,
        media: [
          { type: 'reference_image', url: image.url },
          { type: 'reference_video', url: clip.url },
          { type: 'reference_audio', url: voice.url },
        ],
      },
      parameters: { ...parameters, watermark: true, audio: false, seed: 7 },
    },
  ],
  [
    'HappyHorse with words alone',
    given({}, 'happyhorse-1.1-t2v'),
    { model: 'happyhorse-1.1-t2v', input, parameters },
  ],
  [
    'HappyHorse with a first frame, which has its own ratio',
    given({ firstFrame: image }, 'happyhorse-1.1-t2v'),
    { model: 'happyhorse-1.1-i2v', input: { ...input, media: [first] }, parameters: withoutRatio },
  ],
  [
    'HappyHorse with a picture',
    given({ references: [picture] }, 'happyhorse-1.1-t2v'),
    {
      model: 'happyhorse-1.1-r2v',
      input: { ...input, media: [{ type: 'reference_image', url: image.url }] },
      parameters,
    },
  ],
  [
    'what Wan 2.7 takes beside',
    given({ negativePrompt: 'snow', options: { prompt_extend: false } }, 'wan2.7-t2v'),
    {
      model: 'wan2.7-t2v',
      input: { ...input, negative_prompt: 'snow' },
      parameters: { ...parameters, prompt_extend: false },
    },
  ],
]

t.test('creates', async (t) => {
  const path = '/api/v1/services/aigc/video-generation/video-synthesis'
  const headers = { 'X-DashScope-Async': 'enable' }
  for (const [what, request, body] of creates)
    t.same(
      dialect.create.encode(request),
      { method: 'POST', path, headers, body: { type: 'json', value: body } },
      what,
    )
  const refusal = { code: 'DataInspectionFailed', message: 'Input data may contain inappropriate content.' }
  const limit = { code: 'Throttling.RateQuota', message: 'Requests rate limit exceeded.', request_id: 'r' }
  const wrong = { code: 'InvalidParameter', message: 'parameters.audio is not valid.', request_id: 'r' }
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { request_id: 'r', output: { task_id: 'd1', task_status: 'PENDING' } },
      { type: 'accepted', job: { upstreamId: 'd1' } },
    ],
    ['refused, in a 200', 200, { ...refusal, request_id: 'r' }, { type: 'refused' }],
    ['refused', 400, { ...refusal, request_id: 'r' }, { type: 'refused' }],
    ['a limit, in a 200', 200, limit, { type: 'rejected' }],
    ['a limit', 429, limit, { type: 'rejected' }],
    ['a wrong field, in a 200', 200, wrong, { type: 'invalid' }],
    ['a wrong field', 400, wrong, { type: 'invalid' }],
    ['no money', 200, { code: 'Arrearage', message: 'Access denied.' }, { type: 'upstream_down' }],
    [
      'no such model',
      200,
      { code: 'ModelNotFound', message: 'Model can not be found.' },
      { type: 'upstream_down', modelGone: true },
    ],
    [
      'a wrong key',
      401,
      { code: 'InvalidApiKey', message: 'Invalid API-key provided.' },
      { type: 'upstream_down' },
    ],
    [
      'a fault',
      200,
      { code: 'InternalError', message: 'An internal error has occured.' },
      { type: 'unknown' },
    ],
  ])
})

const output = (more: object) => ({ request_id: 'r', output: { task_id: 'd1', ...more } })

t.test('prompts count the pictures', async (t) => t.equal(dialect.imageMention?.(2), 'Image 2'))

t.test('polls', async (t) => {
  const url = 'https://dashscope-result.example/v.mp4'
  t.match(dialect.poll.encode({ id: 'd1' }), { method: 'GET', path: '/api/v1/tasks/d1' })
  checkPolls(t, dialect, [
    ['pending', 200, output({ task_status: 'PENDING' }), { type: 'running' }],
    ['running', 200, output({ task_status: 'RUNNING' }), { type: 'running' }],
    ['suspended waits', 200, output({ task_status: 'SUSPENDED' }), { type: 'running' }],
    [
      'done, and the seconds that it bills',
      200,
      {
        ...output({ task_status: 'SUCCEEDED', video_url: url, orig_prompt: 'a boat' }),
        usage: { duration: 10, input_video_duration: 5, output_video_duration: 5, video_count: 1, SR: 720 },
      },
      { type: 'completed', result: { url }, charge: { micros: null, seconds: 10 } },
    ],
    [
      'refused',
      200,
      output({
        task_status: 'FAILED',
        code: 'DataInspectionFailed',
        message: 'Output data may contain inappropriate content.',
      }),
      { type: 'refused' },
    ],
    [
      'failed',
      200,
      output({
        task_status: 'FAILED',
        code: 'InternalError.Timeout',
        message: 'An internal timeout error has occurred',
      }),
      { type: 'failed', retryable: true },
    ],
    ['cancelled', 200, output({ task_status: 'CANCELED' }), { type: 'failed' }],
    ['unknown means not found', 200, output({ task_status: 'UNKNOWN' }), { type: 'not_found' }],
    [
      'a limit of polls, in a 200',
      200,
      { code: 'Throttling', message: 'Requests rate limit exceeded.', request_id: 'r' },
      { type: /^un/ },
    ],
  ])
  t.match(dialect.cancel?.encode({ id: 'd1' }), { method: 'POST', path: '/api/v1/tasks/d1/cancel' })
})

t.test('the list finds tasks, and denies none', async (t) => {
  const page = {
    request_id: 'r',
    total: 1,
    data: [{ task_id: 'd1', status: 'RUNNING', model_name: 'wan3.0-video', gmt_create: 1_790_000_000_000 }],
  }
  t.equal(dialect.list?.isAuthority, false)
  t.match(dialect.list?.decode(recorded(200, page)), {
    jobs: [{ upstreamId: 'd1', model: 'wan3.0-video', createdAt: 1_790_000_000_000 }],
  })
})
