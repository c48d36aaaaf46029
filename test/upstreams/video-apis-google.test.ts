import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { parseJson } from '../../src/gateway/upstreams/answers/json-body.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import type { Unsupported } from '../../src/gateway/upstreams/dialect.ts'
import { fileBody } from '../../src/gateway/upstreams/transport/bodies/file-body.ts'
import { jsonPieces } from '../../src/gateway/upstreams/transport/bodies/embedded-files.ts'
import { mediaSource } from './fixtures.ts'
import { readAll } from './loopback.ts'
import { checkCreates, checkPolls, clip, image, plain, preset, withImage } from './preset-fixtures.ts'

/** Google's video APIs: the creates of their documents, field by field, and answers as they write them. */

const last = mediaSource(Buffer.from('jpeg'), 'image/jpeg', 'last.jpg')
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
const pictures: CreateInputs['references'] = [
  { kind: 'image', role: 'subject', name: null, media: image },
  { kind: 'image', role: 'style', name: null, media: last },
]
const asked = (changes: Partial<CreateRequest>): CreateRequest => ({ ...plain, ...changes })

/** The body as it goes over the wire. */
async function sent(call: ApiCall | Unsupported): Promise<unknown> {
  if ('message' in call || call.body?.type !== 'json') return call
  const { stream } = await fileBody(jsonPieces(call.body.value, call.body.files ?? []))
  return parseJson(String(await readAll(stream)))
}

const bytes = { png: Buffer.from('png').toString('base64'), jpeg: Buffer.from('jpeg').toString('base64') }

t.test('veo', async (t) => {
  const dialect = preset('veo')
  const order = asked({
    model: 'veo-3.1-generate-preview',
    prompt: 'A cinematic shot of a majestic lion',
    durationSeconds: 8,
  })
  const parameters = { aspectRatio: '16:9', resolution: '720p', durationSeconds: 8, sampleCount: 1 }
  const first = { bytesBase64Encoded: bytes.png, mimeType: 'image/png' }
  const second = { bytesBase64Encoded: bytes.jpeg, mimeType: 'image/jpeg' }
  const call = dialect.create.encode(order)
  t.match(call, { method: 'POST', path: '/models/veo-3.1-generate-preview:predictLongRunning' })
  t.same(await sent(call), { instances: [{ prompt: order.prompt }], parameters })
  const framed = { ...nothing, firstFrame: image, lastFrame: last, seed: 7, negativePrompt: 'cartoon' }
  t.same(
    await sent(
      dialect.create.encode({
        ...order,
        inputs: { ...framed, options: { personGeneration: 'allow_adult' } },
      }),
    ),
    {
      instances: [{ prompt: order.prompt, image: first, lastFrame: second }],
      parameters: { ...parameters, negativePrompt: 'cartoon', seed: 7, personGeneration: 'allow_adult' },
    },
  )
  t.same(await sent(dialect.create.encode({ ...order, inputs: { ...nothing, references: pictures } })), {
    instances: [
      {
        prompt: order.prompt,
        referenceImages: [
          { image: first, referenceType: 'asset' },
          { image: second, referenceType: 'asset' },
        ],
      },
    ],
    parameters,
  })
  t.match(
    await sent(dialect.create.encode(withImage)),
    { instances: [{ referenceImages: [{ image: first }] }] },
    'a reference of the old kind is one picture',
  )
  t.match(dialect.create.encode({ ...plain, reference: { kind: 'video', media: clip, influence: null } }), {
    type: 'unsupported',
  })
  const name = 'models/veo-3.1-generate-preview/operations/abc123'
  checkCreates(t, dialect, [
    ['the operation', 200, { name }, { job: { upstreamId: name, operation: { id: name } } }],
    [
      'a wrong key, in a 400',
      400,
      {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
        },
      },
      { type: 'upstream_down' },
    ],
    [
      'an expired key',
      400,
      {
        error: {
          code: 400,
          message: 'API key expired. Please renew the API key.',
          status: 'INVALID_ARGUMENT',
        },
      },
      { type: 'upstream_down' },
    ],
    [
      'a value that it does not take',
      400,
      { error: { code: 400, message: 'durationSeconds is out of bound.', status: 'INVALID_ARGUMENT' } },
      { type: 'invalid' },
    ],
    [
      'the quota of a minute',
      429,
      {
        error: {
          code: 429,
          message: 'Resource has been exhausted (e.g. check quota).',
          status: 'RESOURCE_EXHAUSTED',
        },
      },
      { type: 'rejected' },
    ],
    [
      'refused',
      400,
      {
        error: {
          code: 400,
          message: "This prompt contains sensitive words that violate Google's Responsible AI practices.",
          status: 'INVALID_ARGUMENT',
        },
      },
      { type: 'refused' },
    ],
    ['an answer without a name', 200, { done: false }, { type: 'unknown' }],
  ])
  t.same(dialect.poll.encode({ id: name }), { method: 'GET', path: `/${name}`, body: null })
  const uri = 'https://generativelanguage.googleapis.com/v1beta/files/f1:download?alt=media'
  const done = (generateVideoResponse: object) => ({ name, done: true, response: { generateVideoResponse } })
  const reasons = ['The input image violates our usage policies. Support codes: 17301594']
  const failed = (code: number, message: string) => ({ name, done: true, error: { code, message } })
  checkPolls(
    t,
    dialect,
    [
      ['it runs', 200, { name }, { type: 'running' }],
      ['it runs, and says so', 200, { name, done: false, metadata: {} }, { type: 'running' }],
      [
        'done',
        200,
        done({ generatedSamples: [{ video: { uri } }] }),
        { type: 'completed', result: { url: uri } },
      ],
      [
        'one of two was filtered, and one is there',
        200,
        done({
          generatedSamples: [{ video: { uri } }],
          raiMediaFilteredCount: 1,
          raiMediaFilteredReasons: reasons,
        }),
        { type: 'completed', result: { url: uri } },
      ],
      [
        'filtered',
        200,
        done({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: ['It was not made. Support codes: 1'] }),
        { type: 'refused', message: /Support codes: 1/ },
      ],
      ['failed', 200, failed(13, 'An internal error has occurred.'), { type: 'failed' }],
      ['done without anything', 200, done({}), { type: 'unreadable' }],
      [
        'not found',
        404,
        { error: { code: 404, message: `Operation ${name} not found.`, status: 'NOT_FOUND' } },
        { type: 'not_found' },
      ],
      [
        'an error about the question says nothing of the job',
        503,
        { error: { code: 503, message: 'The service is currently unavailable.', status: 'UNAVAILABLE' } },
        { type: 'unreachable' },
      ],
    ],
    { id: name },
  )
})

t.test('gemini-omni', async (t) => {
  const dialect = preset('gemini-omni')
  const order = asked({
    model: 'gemini-omni-1.1-flash',
    prompt: 'A marble rolls on a track',
    durationSeconds: 8,
  })
  const format = { type: 'video', delivery: 'uri', duration: '8s', aspect_ratio: '16:9', resolution: '720p' }
  const body = (task: string, text: string, ...parts: object[]) => ({
    model: 'gemini-omni-1.1-flash',
    background: true,
    input: [{ type: 'user_input', content: [{ type: 'text', text }, ...parts] }],
    generation_config: { video_config: { task } },
    response_format: format,
  })
  const first = { type: 'image', data: bytes.png, mime_type: 'image/png' }
  const second = { type: 'image', data: bytes.jpeg, mime_type: 'image/jpeg' }
  const call = dialect.create.encode(order)
  t.match(call, { method: 'POST', path: '/interactions' })
  t.same(await sent(call), body('text_to_video', order.prompt))
  t.same(
    await sent(dialect.create.encode({ ...order, inputs: { ...nothing, firstFrame: image } })),
    body('image_to_video', `[# Sources <FIRST_FRAME>@Image1] ${order.prompt}`, first),
  )
  t.same(
    await sent(
      dialect.create.encode({ ...order, inputs: { ...nothing, firstFrame: image, lastFrame: last } }),
    ),
    body(
      'image_to_video',
      `[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image2] ${order.prompt}`,
      first,
      second,
    ),
  )
  t.same(
    await sent(dialect.create.encode({ ...order, inputs: { ...nothing, references: pictures } })),
    body('reference_to_video', order.prompt, first, second),
  )
  const interaction = { id: 'v1_abc', object: 'interaction', model: 'gemini-omni-1.1-flash' }
  checkCreates(t, dialect, [
    [
      'the interaction',
      200,
      { ...interaction, status: 'in_progress' },
      { job: { upstreamId: 'v1_abc', model: 'gemini-omni-1.1-flash' } },
    ],
    [
      'a model of the other API',
      404,
      {
        error: {
          code: 404,
          message: 'models/veo-9 is not found for API version v1beta.',
          status: 'NOT_FOUND',
        },
      },
      { type: 'upstream_down', modelGone: true },
    ],
  ])
  const uri = 'https://generativelanguage.googleapis.com/v1beta/files/f1:download?alt=media'
  const output = (...content: object[]) => ({
    ...interaction,
    status: 'completed',
    steps: [
      { type: 'user_input', content: [{ type: 'text', text: 'a boat' }] },
      { type: 'model_output', content },
    ],
  })
  const clip64 = Buffer.from(`\0\0\0\x18ftypmp42${'x'.repeat(200)}`).toString('base64')
  checkPolls(
    t,
    dialect,
    [
      ['queued', 200, { ...interaction, status: 'queued' }, { type: 'running' }],
      ['it runs', 200, { ...interaction, status: 'in_progress' }, { type: 'running' }],
      [
        'done',
        200,
        output({ type: 'video', mime_type: 'video/mp4', uri }),
        { type: 'completed', result: { url: uri } },
      ],
      [
        'done, in base64',
        200,
        output({ type: 'video', mime_type: 'video/mp4', data: clip64 }),
        { type: 'completed', result: { url: null, inline: true } },
      ],
      [
        'as the SDK shows it',
        200,
        { ...interaction, status: 'completed', output_video: { uri } },
        { result: { url: uri } },
      ],
      ['done, and nothing yet', 200, { ...interaction, status: 'completed' }, { type: 'unreadable' }],
      [
        'words in place of a video',
        200,
        output({ type: 'text', text: 'I cannot generate that: it would violate our content policy.' }),
        { type: 'refused' },
      ],
      ['an output without a video', 200, output(), { type: 'failed' }],
      [
        'failed',
        200,
        { ...interaction, status: 'failed', errors: [{ code: 'internal', message: 'The model failed.' }] },
        { type: 'failed', message: /The model failed/ },
      ],
      [
        'refused',
        200,
        {
          ...interaction,
          status: 'failed',
          errors: [{ message: 'The generated video was blocked by our safety filters.' }],
        },
        { type: 'refused' },
      ],
      ['cancelled', 200, { ...interaction, status: 'cancelled' }, { type: 'failed' }],
    ],
    { id: 'v1_abc' },
  )
  const operation = { id: 'v1_abc' }
  t.match(dialect.locate(operation, { url: null, expiresAt: null, inline: true }), {
    targets: [{ type: 'inline', call: { method: 'GET', path: '/interactions/v1_abc' } }],
  })
  t.match(dialect.cancel?.encode(operation), { method: 'POST', path: '/interactions/v1_abc/cancel' })
})
