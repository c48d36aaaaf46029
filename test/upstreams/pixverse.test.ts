import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource, noInputs } from './fixtures.ts'
import { checkCreates, checkPolls, image, plain, preset } from './preset-fixtures.ts'

/** docs/vendors/video-apis.md#pixverse: the creates of its documents, field by field, and answers as it writes them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
const dialect = preset('pixverse')
const order: CreateRequest = { ...plain, model: 'v6', prompt: 'a paper boat in the rain', durationSeconds: 5 }
const given = (inputs: Partial<CreateInputs>): CreateRequest => ({
  ...order,
  inputs: { ...noInputs, ...inputs },
})
const reference = (name: string | null, role: 'subject' | 'scene') =>
  ({ kind: 'image', role, name, media: role === 'scene' ? last : image }) as const

const framed = { model: 'v6', prompt: 'a paper boat in the rain', duration: 5, quality: '720p' }
const document = { ...framed, aspect_ratio: '16:9' }
/** As the uploads before a create give them. */
const uploads = { $uploads: { [image.url]: { id: 101 }, [last.url]: { id: 102 } } }

const creates: [what: string, request: CreateRequest, kind: string, body: object][] = [
  ['words alone', order, 'text', document],
  [
    'everything else',
    given({
      audio: true,
      seed: 7,
      negativePrompt: 'snow',
      options: { motion_mode: 'normal', style: 'anime', generate_multi_clip_switch: true, water_mark: false },
    }),
    'text',
    {
      ...document,
      generate_audio_switch: true,
      seed: 7,
      negative_prompt: 'snow',
      motion_mode: 'normal',
      style: 'anime',
      generate_multi_clip_switch: true,
      water_mark: false,
    },
  ],
  ['a first frame, which has its own ratio', given({ firstFrame: image }), 'img', { ...framed, img_id: 101 }],
  [
    'two frames',
    given({ firstFrame: image, lastFrame: last }),
    'transition',
    { ...framed, first_frame_img: 101, last_frame_img: 102 },
  ],
  [
    'pictures, which are counted',
    given({ references: [reference('dog', 'subject'), reference(null, 'scene')] }),
    'fusion',
    {
      ...document,
      image_references: [
        { type: 'subject', img_id: 101, ref_name: 'image1' },
        { type: 'background', img_id: 102, ref_name: 'image2' },
      ],
    },
  ],
]

const said = (ErrCode: number, ErrMsg: string) => ({ ErrCode, ErrMsg, Resp: null })

t.test('creates', async (t) => {
  for (const [what, request, kind, body] of creates)
    t.same(
      dialect.create.encode(request, uploads),
      { method: 'POST', path: `/openapi/v2/video/${kind}/generate`, body: { type: 'json', value: body } },
      what,
    )
  t.match(dialect.headers?.('key-1'), { 'api-key': 'key-1' })
  t.equal(dialect.requestIdHeader, 'Ai-trace-id')
  t.equal(dialect.imageMention?.(2), '@image2 ')
  t.equal(dialect.prepare?.(order), null, 'nothing to upload')
  const upload = dialect.prepare?.(given({ firstFrame: image, lastFrame: last }))
  t.match(upload?.call, {
    method: 'POST',
    path: '/openapi/v2/image/upload',
    body: { type: 'multipart', parts: [{ name: 'image', file: image }] },
  })
  checkCreates(t, dialect, [
    [
      'the video',
      200,
      { ErrCode: 0, ErrMsg: 'success', Resp: { video_id: 318_633_193_768_896, credits: 45 } },
      { type: 'accepted', job: { upstreamId: '318633193768896' } },
    ],
    ['refused', 200, said(500_063, 'The text content failed moderation.'), { type: 'refused' }],
    ['a picture is refused', 200, said(500_054, 'Content moderation failure.'), { type: 'refused' }],
    [
      'as many as may run',
      200,
      said(500_044, 'Reached the limit for concurrent generations.'),
      { type: 'rejected' },
    ],
    [
      'high load',
      200,
      said(500_069, 'The system is currently experiencing high load.'),
      { type: 'rejected' },
    ],
    ['no credits', 200, said(500_090, 'Insufficient balance.'), { type: 'upstream_down' }],
    ['a wrong key', 200, said(10_005, 'invalid api key'), { type: 'upstream_down' }],
    ['a wrong field', 400, said(400_017, 'invalid param'), { type: 'invalid' }],
    ['a fault', 200, said(99_999, 'Unknown error'), { type: 'unknown' }],
  ])
})

const result = (status: number, url = '') => ({
  ErrCode: 0,
  ErrMsg: 'Success',
  Resp: { id: 3001, status, url, prompt: 'a boat', seed: 7, outputWidth: 1280, outputHeight: 720 },
})

t.test('polls', async (t) => {
  const url = 'https://media.pixverse.example/v.mp4'
  t.match(dialect.poll.encode({ id: '3001' }), { method: 'GET', path: '/openapi/v2/video/result/3001' })
  checkPolls(t, dialect, [
    ['waiting', 200, result(5), { type: 'running' }],
    ['done', 200, result(1, url), { type: 'completed', result: { url } }],
    ['done, and no address yet', 200, result(1), { type: 'unreadable' }],
    ['did not pass', 200, result(7), { type: 'refused' }],
    ['failed', 200, result(8), { type: 'failed', message: 'The generation failed.' }],
    ['deleted', 200, result(6), { type: 'failed' }],
    [
      'unknown',
      200,
      { ErrCode: 500_008, ErrMsg: 'Requested data not found', Resp: null },
      { type: 'not_found' },
    ],
    ['high load', 200, { ErrCode: 500_069, ErrMsg: 'busy', Resp: null }, { type: 'unreachable' }],
  ])
})
