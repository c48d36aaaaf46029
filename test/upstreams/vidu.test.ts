import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
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
} from './preset-fixtures.ts'

/** docs/vendors/video-apis.md#vidu: the creates of its documents, field by field, and answers as it writes them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const dialect = preset('vidu', { characters: 'native' })
const order: CreateRequest = {
  ...plain,
  model: 'viduq3-pro',
  prompt: 'a paper boat in the rain',
  durationSeconds: 8,
}
const given = (inputs: Partial<CreateInputs>, changes: Partial<CreateRequest> = {}): CreateRequest => ({
  ...order,
  ...changes,
  inputs: { ...noInputs, ...inputs },
})
const pictures = (count: number): CreateInputs['references'] =>
  Array.from({ length: count }, () => ({ kind: 'image', role: 'subject', name: null, media: image }))

const framed = {
  model: 'viduq3-pro',
  prompt: 'a paper boat in the rain',
  duration: 8,
  resolution: '720p',
}
const document = { ...framed, aspect_ratio: '16:9' }

const creates: [what: string, request: CreateRequest, path: string, body: object][] = [
  ['words alone', order, 'text2video', document],
  [
    'a first frame, which has its own ratio',
    given({ firstFrame: image }),
    'img2video',
    { ...framed, images: [image.url] },
  ],
  [
    'two frames',
    given({ firstFrame: image, lastFrame: last }),
    'start-end2video',
    { ...framed, images: [image.url, last.url] },
  ],
  [
    'pictures, for which the model has another name',
    given({ references: pictures(2) }),
    'reference2video',
    { ...document, model: 'viduq3', images: [image.url, image.url] },
  ],
  [
    'pictures that give the ratio',
    given({ references: pictures(1), aspectRatio: 'auto' }),
    'reference2video',
    { ...document, model: 'viduq3', images: [image.url], aspect_ratio: 'auto' },
  ],
  [
    'a video',
    given(
      { references: [{ kind: 'video', role: 'motion', name: null, media: clip }] },
      { model: 'viduq2-pro' },
    ),
    'reference2video',
    { ...document, model: 'viduq2-pro', videos: [clip.url] },
  ],
  [
    'stored subjects, counted as the prompt names them',
    { ...order, prompt: '@1 and @2 eat hotpot', characterHandles: ['33a', '33b'] },
    'reference2video',
    {
      ...document,
      model: 'viduq3',
      prompt: '@1 and @2 eat hotpot',
      subjects: [
        { name: '1', server_id: '33a' },
        { name: '2', server_id: '33b' },
      ],
    },
  ],
  [
    'words, where the model has another name',
    { ...order, model: 'viduq2-pro' },
    'text2video',
    { ...document, model: 'viduq2' },
  ],
  [
    'everything else',
    given({
      audio: false,
      seed: 7,
      options: { off_peak: true, bgm: false, style: 'anime', movement_amplitude: 'small', watermark: true },
    }),
    'text2video',
    {
      ...document,
      audio: false,
      seed: 7,
      off_peak: true,
      bgm: false,
      style: 'anime',
      movement_amplitude: 'small',
      watermark: true,
    },
  ],
]

t.test('creates', async (t) => {
  for (const [what, request, kind, body] of creates)
    t.same(
      dialect.create.encode(request),
      { method: 'POST', path: `/ent/v2/${kind}`, body: { type: 'json', value: body } },
      what,
    )
  for (const [request, said, model] of [
    [order, 'viduq3-pro', 'viduq3-pro'],
    [{ ...order, model: 'viduq2-pro' }, 'viduq2', 'viduq2-pro'],
    [order, 'viduq1', 'viduq1'],
  ] as const)
    t.match(
      dialect.create.decode(recorded(200, { task_id: '91', state: 'created', model: said }), request),
      { type: 'accepted', job: { model } },
      `${request.model}: ${said}`,
    )
  t.match(dialect.headers?.('key-1'), { authorization: 'Token key-1' })
  t.match(dialect.create.encode(given({ negativePrompt: 'rain' })), {
    type: 'unsupported',
    message: /negative_prompt/,
  })
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { task_id: '911088422699962368', state: 'created', credits: 20 },
      { type: 'accepted', job: { upstreamId: '911088422699962368' } },
    ],
    [
      'the prompt is refused',
      400,
      { code: 400, reason: 'TaskPromptPolicyViolation', message: 'no', metadata: {} },
      { type: 'refused' },
    ],
    [
      'the picture is refused',
      400,
      { code: 400, reason: 'AuditSubmitIllegal', message: 'submit is illegal', metadata: {} },
      { type: 'refused' },
    ],
    [
      'no credits',
      400,
      { code: 400, reason: 'CreditInsufficient', message: 'credit insufficient', metadata: {} },
      { type: 'upstream_down' },
    ],
    [
      'as many as may run',
      429,
      { code: 429, reason: 'QuotaExceeded', message: 'quota exceeded', metadata: {} },
      { type: 'rejected' },
    ],
    [
      'no such model',
      400,
      { code: 400, reason: 'ModelUnavailable', message: 'model unavailable', metadata: {} },
      { type: 'upstream_down', modelGone: true },
    ],
    [
      'a subject that is gone',
      400,
      { code: 400, reason: 'FieldInvalid', message: 'subject not found', metadata: {} },
      { type: 'character_invalid' },
    ],
    [
      'a wrong field',
      400,
      { code: 400, reason: 'FieldInvalid', message: 'field invalid: style', metadata: {} },
      { type: 'invalid' },
    ],
  ])
})

t.test('polls', async (t) => {
  const creation = {
    id: 'c1',
    url: 'https://x.example/v.mp4',
    cover_url: 'https://x.example/c.png',
    watermarked_url: 'https://x.example/w.mp4',
  }
  t.match(dialect.poll.encode({ id: '91' }), { method: 'GET', path: '/ent/v2/tasks/91/creations' })
  checkPolls(t, dialect, [
    ['created', 200, { id: '91', state: 'created', creations: [] }, { type: 'running' }],
    ['queueing', 200, { id: '91', state: 'queueing', creations: [] }, { type: 'running' }],
    ['processing', 200, { id: '91', state: 'processing', creations: [] }, { type: 'running' }],
    [
      'success, and the file without a watermark',
      200,
      { id: '91', state: 'success', err_code: '', credits: 20, creations: [creation] },
      { type: 'completed', result: { url: creation.url } },
    ],
    [
      'what it made is refused',
      200,
      { id: '91', state: 'failed', err_code: 'CreationPolicyViolation', creations: [] },
      { type: 'refused' },
    ],
    [
      'failed',
      200,
      { id: '91', state: 'failed', err_code: 'InternalServiceFailure', creations: [] },
      { type: 'failed', retryable: true },
    ],
    [
      'cancelled by hand',
      200,
      { id: '91', state: 'failed', err_code: 'UserCancelled', creations: [] },
      { type: 'failed' },
    ],
    [
      'unknown',
      404,
      { code: 404, reason: 'TaskNotFound', message: 'task not found', metadata: {} },
      { type: 'not_found' },
    ],
  ])
  t.match(dialect.cancel?.encode({ id: '91' }), {
    method: 'POST',
    path: '/ent/v2/tasks/91/cancel',
    body: { value: { id: '91' } },
  })
})

t.test('subjects', async (t) => {
  t.match(json(dialect.character?.encode(character) ?? { type: 'unsupported', message: 'none' }), {
    type: 'json',
    value: { name: 'amber', videos: [clip.url] },
  })
  t.match(
    dialect.character?.decode(
      recorded(200, { id: '33a', name: 'amber', images: [], videos: [clip.url], credits: 5 }),
      character,
    ),
    { type: 'ready', handle: '33a' },
  )
  t.equal(dialect.mention({ handle: '33a', name: 'amber', position: 2 }), '@2 ')
})
