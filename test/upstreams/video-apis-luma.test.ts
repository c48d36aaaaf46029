import t from 'tap'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource } from './fixtures.ts'
import { checkCreates, checkPolls, image, json, plain, preset, withImage } from './preset-fixtures.ts'

/** Luma Agents: the create of its SDK's types, field by field, and answers as they have them. */

const last = mediaSource(Buffer.from('png'), 'image/png', 'last.png')
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
const order: CreateRequest = {
  ...plain,
  model: 'ray-3.2',
  prompt: 'A lighthouse at dawn',
  durationSeconds: 5,
}
const body = (seconds: number, video: object) => ({
  type: 'json',
  value: {
    type: 'video',
    model: 'ray-3.2',
    prompt: order.prompt,
    aspect_ratio: '16:9',
    video: { duration: `${seconds}s`, resolution: '720p', ...video },
  },
})

t.test('luma: what is sent', async (t) => {
  const dialect = preset('luma')
  t.same(dialect.create.encode(order), { method: 'POST', path: '/generations', body: body(5, {}) })
  t.same(
    json(dialect.create.encode({ ...order, inputs: { ...nothing, firstFrame: image } })),
    body(5, { keyframes: [{ url: image.url }], keyframe_indexes: [0] }),
  )
  const framed = { ...nothing, firstFrame: image, lastFrame: last }
  t.same(
    json(dialect.create.encode({ ...order, durationSeconds: 10, inputs: framed })),
    body(10, { keyframes: [{ url: image.url }, { url: last.url }], keyframe_indexes: [0, 240] }),
    'frames in ten seconds have their places',
  )
  t.same(
    json(dialect.create.encode({ ...order, inputs: { ...nothing, options: { loop: true, hdr: false } } })),
    body(5, { loop: true, hdr: false }),
  )
  t.match(dialect.create.encode(withImage), { type: 'unsupported' }, 'it has no references')
})

t.test('luma: what its answers mean', async (t) => {
  const dialect = preset('luma')
  const generation = { id: 'g-1', created_at: '2026-11-27T10:00:00Z', model: 'ray-3.2', type: 'video' }
  checkCreates(t, dialect, [
    [
      'the generation',
      201,
      { ...generation, state: 'queued' },
      { job: { upstreamId: 'g-1', model: 'ray-3.2' } },
    ],
    ['a wrong key', 401, { detail: 'Invalid API key' }, { type: 'upstream_down' }],
    ['no credit', 402, { detail: 'Insufficient credits' }, { type: 'upstream_down' }],
    ['too many', 429, { detail: 'Rate limit exceeded' }, { type: 'rejected' }],
    ['refused', 400, { detail: 'no', code: 'content_moderated' }, { type: 'refused' }],
  ])
  const url = 'https://storage.example.com/out.mp4?signature=1'
  const failed = (code: string, reason: string) => ({
    ...generation,
    state: 'failed',
    failure_code: code,
    failure_reason: reason,
  })
  checkPolls(
    t,
    dialect,
    [
      ['it waits', 200, { ...generation, state: 'queued' }, { type: 'running' }],
      ['it runs', 200, { ...generation, state: 'processing', output: null }, { type: 'running' }],
      [
        'done, beside another file',
        200,
        {
          ...generation,
          state: 'completed',
          output: [
            { type: 'exr', url: 'https://storage.example.com/out.zip' },
            { type: 'video', url },
          ],
        },
        { type: 'completed', result: { url } },
      ],
      [
        'done, and nothing yet',
        200,
        { ...generation, state: 'completed', output: [] },
        { type: 'unreadable' },
      ],
      ['refused', 200, failed('content_moderated', 'It was not made.'), { type: 'refused' }],
      ['failed', 200, failed('generation_failed', 'An internal error.'), { type: 'failed' }],
      ['not found', 404, { detail: 'Generation not found' }, { type: 'not_found' }],
    ],
    { id: 'g-1' },
  )
})
