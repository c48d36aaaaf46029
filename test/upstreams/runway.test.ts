import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource, noInputs } from './fixtures.ts'
import {
  checkCreates,
  checkPolls,
  clip,
  followUp,
  image,
  json,
  plain,
  preset,
  recorded,
  withImage,
} from './preset-fixtures.ts'

/** docs/vendors/video-apis.md#runway: the creates of its SDK's types, field by field, and answers as it writes them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const voice = mediaSource(Buffer.from('wav'), 'audio/wav', 'voice.wav')
const dialect = preset('runway')
const order: CreateRequest = { ...plain, model: 'gen4.5', durationSeconds: 5 }
const given = (inputs: Partial<CreateInputs>, changes: Partial<CreateRequest> = {}): CreateRequest => ({
  ...order,
  ...changes,
  inputs: { ...noInputs, ...inputs },
})
const references: CreateInputs['references'] = [
  { kind: 'image', role: 'subject', name: null, media: image },
  { kind: 'video', role: 'motion', name: null, media: clip },
  { kind: 'audio', role: 'voice', name: null, media: voice },
]
const document = { model: 'gen4.5', promptText: 'a paper boat', ratio: '1280:720', duration: 5 }
const seedance = { model: 'seedance2' }

const creates: [what: string, request: CreateRequest, path: string, body: object][] = [
  ['words alone', order, 'text_to_video', document],
  [
    'a first frame, upright, with a seed',
    given({ firstFrame: image, seed: 7 }, { size: '832x1104' }),
    'image_to_video',
    { ...document, ratio: '832:1104', promptImage: image.url, seed: 7 },
  ],
  [
    'two frames with sound',
    given({ firstFrame: image, lastFrame: last, audio: true }, seedance),
    'image_to_video',
    {
      ...document,
      ...seedance,
      promptImage: [
        { uri: image.url, position: 'first' },
        { uri: last.url, position: 'last' },
      ],
      audio: true,
    },
  ],
  [
    'references of every kind',
    given({ references, audio: false }, seedance),
    'text_to_video',
    {
      ...document,
      ...seedance,
      audio: false,
      references: [{ uri: image.url }],
      referenceVideos: [{ type: 'video', uri: clip.url }],
      referenceAudio: [{ type: 'audio', uri: voice.url }],
    },
  ],
  [
    'the one picture of a request',
    { ...withImage, ...seedance, durationSeconds: 5 },
    'text_to_video',
    { ...document, ...seedance, references: [{ uri: image.url }] },
  ],
  [
    'what Veo takes, and a threshold',
    given({ negativePrompt: 'rain', options: { public_figure_threshold: 'low' } }, { model: 'veo3.1' }),
    'text_to_video',
    {
      ...document,
      model: 'veo3.1',
      negativePrompt: 'rain',
      contentModeration: { publicFigureThreshold: 'low' },
    },
  ],
  [
    'an edit, which keeps picture and length',
    given({ references: references.slice(1, 2) }, { model: 'aleph2' }),
    'video_to_video',
    { model: 'aleph2', promptText: 'a paper boat', videoUri: clip.url },
  ],
]

t.test('creates', async (t) => {
  for (const [what, request, kind, body] of creates)
    t.same(
      dialect.create.encode(request),
      { method: 'POST', path: `/v1/${kind}`, body: { type: 'json', value: body } },
      what,
    )
  t.same(dialect.headers?.('key-1'), {
    'x-runway-version': '2024-11-06',
    authorization: 'Bearer key-1',
  })
  t.match(dialect.create.encode({ ...order, model: 'aleph2' }), { type: 'unsupported' }, 'nothing to edit')
  t.match(json(dialect.create.encode(given({ firstFrame: image }, { model: 'aleph2' }))), {
    type: 'unsupported',
  })
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { id: '497f6eca-6276-4993-bfeb-53cbbbba6f08', estimatedCost: { credits: 60 } },
      { type: 'accepted', job: { upstreamId: '497f6eca-6276-4993-bfeb-53cbbbba6f08' } },
    ],
    [
      'no credits, as a 400',
      400,
      { error: 'You do not have enough credits to run this task.' },
      { type: 'upstream_down' },
    ],
    ['a wrong key', 401, { error: 'The API key provided is not valid.' }, { type: 'upstream_down' }],
    ['a limit', 429, { error: 'You have exceeded your rate limit.' }, { type: 'rejected' }],
    [
      'a wrong field',
      400,
      { error: 'Validation of body failed', issues: [{ path: ['ratio'], message: 'Invalid enum value' }] },
      { type: 'invalid' },
    ],
    ['no such model', 403, { error: 'Model variant gen4.5 is not available.' }, { modelGone: true }],
    ['too much to do', 503, { error: 'Service unavailable' }, { type: 'rejected' }],
    ['too much to do, or a job that runs', 502, { error: 'Bad gateway' }, { type: 'unknown' }],
  ])
})

const about = (fields: object) => ({ id: 'r1', createdAt: '2026-11-27T08:00:00Z', ...fields })

t.test('polls', async (t) => {
  const failed = (failureCode: string, failure = 'The task failed.') =>
    about({ status: 'FAILED', failure, failureCode, cost: { credits: 0 } })
  t.match(dialect.poll.encode({ id: 'r1' }), { method: 'GET', path: '/v1/tasks/r1' })
  checkPolls(t, dialect, [
    ['pending', 200, about({ status: 'PENDING' }), { type: 'running' }],
    ['throttled is waiting', 200, about({ status: 'THROTTLED' }), { type: 'running' }],
    ['running', 200, about({ status: 'RUNNING', progress: 0.45 }), { type: 'running', progress: 45 }],
    [
      'done, and what it cost',
      200,
      about({ status: 'SUCCEEDED', output: ['https://x.example/v.mp4'], cost: { credits: 60 } }),
      { type: 'completed', result: { url: 'https://x.example/v.mp4' }, charge: { micros: 600_000 } },
    ],
    ['the prompt is refused', 200, failed('SAFETY.INPUT.TEXT'), { type: 'refused' }],
    ['the video is refused', 200, failed('SAFETY.OUTPUT.VIDEO'), { type: 'refused' }],
    ['bad output', 200, failed('INTERNAL.BAD_OUTPUT.CODE01'), { type: 'failed', retryable: true }],
    ['cancelled', 200, about({ status: 'CANCELLED', cost: { credits: 0 } }), { type: 'failed' }],
    ['unknown', 404, { error: 'Task not found' }, { type: 'not_found' }],
  ])
})

t.test('cancelling', async (t) => {
  const { cancel } = dialect
  if (cancel === null) throw new Error('no call')
  const operation = { id: 'r1' }
  t.match(cancel.encode(operation), { method: 'GET', path: '/v1/tasks/r1' })
  for (const status of ['PENDING', 'THROTTLED', 'RUNNING'])
    t.match(followUp(cancel.decode(recorded(200, about({ status })), operation)).call, {
      method: 'DELETE',
      path: '/v1/tasks/r1',
      body: null,
    })
  const ended = recorded(200, about({ status: 'SUCCEEDED', output: ['https://x.example/v.mp4'] }))
  t.match(cancel.decode(ended, operation), { type: 'not_cancelled' }, 'it would be deleted with its video')
})
