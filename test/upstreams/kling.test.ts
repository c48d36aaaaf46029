import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { jsonText } from '../../src/gateway/upstreams/transport/bodies/json-text.ts'
import { mediaSource, noInputs } from './fixtures.ts'
import {
  character,
  checkCreates,
  checkPolls,
  clip,
  image,
  json,
  plain,
  preset,
  recorded,
  withImage,
} from './preset-fixtures.ts'

/** docs/vendors/video-apis.md#kling: the creates of its documents, field by field, and answers as it writes them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const dialect = preset('kling', { characters: 'native' })
const order: CreateRequest = { ...plain, model: 'kling-v3', durationSeconds: 5 }
const given = (inputs: Partial<CreateInputs>, changes: Partial<CreateRequest> = {}): CreateRequest => ({
  ...order,
  ...changes,
  inputs: { ...noInputs, ...inputs },
})
const reference = (kind: 'image' | 'video', role: 'subject' | 'motion' = 'subject') => ({
  kind,
  role,
  name: null,
  media: kind === 'image' ? image : clip,
})
const omni = { model: 'kling-v3-omni' }
/** An id of 18 digits, which a number does not hold exactly. */
const element = '829836802793406551'

const framed = { model_name: 'kling-v3', prompt: 'a paper boat', duration: '5', mode: 'std' }
const document = { ...framed, aspect_ratio: '16:9' }
const omniDocument = { ...document, model_name: 'kling-v3-omni' }

const creates: [what: string, request: CreateRequest, path: string, body: object][] = [
  ['words alone', order, 'text2video', document],
  [
    'everything that words can have',
    given(
      { audio: true, negativePrompt: 'rain', resolution: '1080p', aspectRatio: '9:16' },
      { size: '1080x1920' },
    ),
    'text2video',
    { ...document, mode: 'pro', sound: 'on', negative_prompt: 'rain', aspect_ratio: '9:16' },
  ],
  [
    'without sound, in 4k',
    given({ audio: false, resolution: '4k' }),
    'text2video',
    { ...document, mode: '4k', sound: 'off' },
  ],
  ['a first frame', given({ firstFrame: image }), 'image2video', { ...framed, image: image.url }],
  [
    'two frames',
    given({ firstFrame: image, lastFrame: last }),
    'image2video',
    { ...framed, image: image.url, image_tail: last.url },
  ],
  [
    'several pictures, for the model that takes them',
    given({ references: [reference('image'), reference('image')] }, { model: 'kling-v1-6' }),
    'multi-image2video',
    { ...document, model_name: 'kling-v1-6', image_list: [{ image: image.url }, { image: image.url }] },
  ],
  ['an omni model with words', { ...order, ...omni }, 'omni-video', omniDocument],
  [
    'an omni model with a first frame and a picture',
    given({ firstFrame: image, references: [reference('image')] }, omni),
    'omni-video',
    {
      ...framed,
      model_name: 'kling-v3-omni',
      image_list: [{ type: 'first_frame', image_url: image.url }, { image_url: image.url }],
    },
  ],
  [
    'an omni model with two frames',
    given({ firstFrame: image, lastFrame: last }, omni),
    'omni-video',
    {
      ...framed,
      model_name: 'kling-v3-omni',
      image_list: [
        { type: 'first_frame', image_url: image.url },
        { type: 'end_frame', image_url: last.url },
      ],
    },
  ],
  [
    'an omni model with a video',
    given({ references: [reference('video', 'motion')] }, omni),
    'omni-video',
    { ...omniDocument, video_list: [{ video_url: clip.url, refer_type: 'feature' }] },
  ],
  [
    'elements',
    { ...order, ...omni, prompt: '<<<element_1>>> waves', characterHandles: [element] },
    'omni-video',
    { ...omniDocument, prompt: '<<<element_1>>> waves', element_list: [{ element_id: element }] },
  ],
]

t.test('creates', async (t) => {
  for (const [what, request, kind, body] of creates)
    t.same(
      dialect.create.encode(request),
      {
        method: 'POST',
        path: `/v1/videos/${kind}`,
        body: { type: 'json', value: body, integers: ['element_id'] },
      },
      what,
    )
  t.match(
    dialect.create.encode({ ...withImage, model: 'kling-v3' }),
    { type: 'unsupported' },
    'no path for it',
  )
  t.match(dialect.create.encode(given({ references: [reference('video')] })), { type: 'unsupported' })
  t.match(dialect.create.encode(given({ firstFrame: image, references: [reference('image')] })), {
    type: 'unsupported',
  })
  t.match(dialect.headers?.('key-1') ?? {}, {}, 'a bearer token, as usual')
  t.same(dialect.signature, { scheme: 'hs256-token' })
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { code: 0, message: 'SUCCEED', data: { task_id: '842250903629086785', task_status: 'submitted' } },
      { type: 'accepted', job: { upstreamId: '842250903629086785', operation: { kind: 'text2video' } } },
    ],
    [
      'an expired token',
      401,
      { code: 1004, message: 'Authorization has expired' },
      { type: 'upstream_down' },
    ],
    ['no money', 429, { code: 1102, message: 'Account balance not enough' }, { type: 'upstream_down' }],
    [
      'too many tasks',
      429,
      { code: 1303, message: 'parallel task over resource pack limit' },
      { type: 'rejected' },
    ],
    ['refused', 400, { code: 1301, message: 'Failure to pass the risk control system' }, { type: 'refused' }],
    ['a wrong field', 400, { code: 1201, message: 'duration is invalid' }, { type: 'invalid' }],
    [
      'an element that is gone',
      400,
      { code: 1201, message: 'element_id is invalid' },
      { type: 'character_invalid' },
    ],
    ['a model that is gone', 404, { code: 1203, message: 'model is not supported' }, { modelGone: true }],
    ['maintenance', 503, { code: 5001, message: 'Server temporarily unavailable' }, { type: 'rejected' }],
    ['its own fault', 500, { code: 5000, message: 'Server internal error' }, { type: 'unknown' }],
  ])
})

t.test('integers of any length are written as such, and nothing else is', async (t) => {
  t.equal(
    jsonText({ prompt: '42', element_list: [{ element_id: element }, { element_id: '7a' }] }, ['element_id']),
    `{"prompt":"42","element_list":[{"element_id":${element}},{"element_id":"7a"}]}`,
  )
  t.equal(jsonText({ element_id: '007' }, ['element_id']), '{"element_id":"007"}', 'no integer of JSON')
  t.equal(jsonText({ element_id: '7' }), '{"element_id":"7"}')
})

t.test('polls', async (t) => {
  const operation = { id: '842250903629086785', kind: 'omni-video' }
  t.match(dialect.poll.encode(operation), { method: 'GET', path: '/v1/videos/omni-video/842250903629086785' })
  const video = { id: 'v1', url: 'https://x.example/v.mp4', duration: '5' }
  const about = (data: object) => ({ code: 0, message: 'SUCCEED', data: { task_id: operation.id, ...data } })
  checkPolls(
    t,
    dialect,
    [
      ['submitted', 200, about({ task_status: 'submitted' }), { type: 'running' }],
      ['processing', 200, about({ task_status: 'processing' }), { type: 'running' }],
      [
        'done',
        200,
        about({ task_status: 'succeed', final_unit_deduction: '5', task_result: { videos: [video] } }),
        { type: 'completed', result: { url: video.url } },
      ],
      [
        'refused',
        200,
        about({ task_status: 'failed', task_status_msg: 'Failure to pass the risk control system' }),
        { type: 'refused' },
      ],
      [
        'failed',
        200,
        about({ task_status: 'failed', task_status_msg: 'Internal server error' }),
        { type: 'failed', retryable: true },
      ],
      ['unknown', 404, { code: 1203, message: 'Task not found' }, { type: 'not_found' }],
    ],
    operation,
  )
})

t.test('elements', async (t) => {
  const calls = dialect.character
  if (calls === null) throw new Error('no calls')
  const path = '/v1/general/advanced-custom-elements'
  const long = { ...character, name: 'a-name-that-is-too-long-for-an-element', description: 'x'.repeat(300) }
  t.same(json(calls.encode(long)), {
    type: 'json',
    value: {
      element_name: 'a-name-that-is-too-l',
      element_description: 'x'.repeat(100),
      reference_type: 'video_refer',
      element_video_list: { refer_videos: [{ video_url: clip.url }] },
    },
  })
  t.match(
    calls.decode(recorded(200, { code: 0, data: { task_id: 'e1', task_status: 'submitted' } }), character),
    {
      type: 'pending',
      operation: { id: 'e1' },
    },
  )
  const stills = [image, last].map((each, index) => ({ ...each, url: `${each.url}?${index}` }))
  const [front, side] = stills.map(({ url }) => url)
  t.same(json(calls.encode({ ...character, clip: null, span: null, pictures: stills })), {
    type: 'json',
    value: {
      element_name: 'amber',
      element_description: 'a fox in a red coat',
      reference_type: 'image_refer',
      element_image_list: { frontal_image: front, refer_images: [{ image_url: side }] },
    },
  })
  t.match(calls.poll?.encode({ id: 'e1' }), { method: 'GET', path: `${path}/e1` })
  const done = `{"code":0,"data":{"task_status":"succeed","task_result":{"elements":[{"element_id":${element}}]}}}`
  const rows: [body: unknown, outcome: object][] = [
    [{ code: 0, data: { task_status: 'processing' } }, { type: 'pending' }],
    [done, { type: 'ready', handle: element }],
    [
      {
        code: 0,
        data: { task_status: 'failed', task_status_msg: 'Failure to pass the risk control system' },
      },
      { type: 'refused' },
    ],
  ]
  for (const [body, outcome] of rows) t.match(calls.poll?.decode(recorded(200, body), { id: 'e1' }), outcome)
  t.equal(dialect.mention({ handle: element, name: 'amber', position: 2 }), '<<<element_2>>>')
})
