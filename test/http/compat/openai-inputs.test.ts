import t from 'tap'
import type { Test } from 'tap'
import { form } from '../forms.ts'
import { asMaker, createStubs, serve } from '../stub-services.ts'

const asked = {
  prompt: 'a boat',
  frame_images: [
    { type: 'image_url', image_url: { url: 'https://a.example/1.png' }, frame_type: 'first_frame' },
    { type: 'image_url', image_url: { url: 'https://a.example/2.png' }, frame_type: 'last_frame' },
  ],
  input_references: [
    { type: 'image_url', image_url: { url: 'https://a.example/3.png' } },
    { video_url: 'https://a.example/4.mp4', role: 'motion' },
  ],
  generate_audio: false,
  seed: 7,
  negative_prompt: 'rain',
  resolution: '720p',
  aspect_ratio: '9:16',
}

async function post(t: Test, request: object) {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject({ method: 'POST', url: '/v1/videos', ...request })
  return { status: answer.statusCode, body: answer.json(), input: stubs.seen.inputs[0] }
}

function json(t: Test, body: object) {
  return post(t, { headers: asMaker, payload: body })
}

const expected = {
  firstFrame: {
    type: 'url',
    kind: 'image',
    url: 'https://a.example/1.png',
    pointer: '/frame_images/0/image_url',
  },
  lastFrame: {
    type: 'url',
    kind: 'image',
    url: 'https://a.example/2.png',
    pointer: '/frame_images/1/image_url',
  },
  references: [
    {
      type: 'url',
      kind: 'image',
      url: 'https://a.example/3.png',
      pointer: '/input_references/0/image_url',
      role: null,
      name: null,
    },
    {
      type: 'url',
      kind: 'video',
      url: 'https://a.example/4.mp4',
      pointer: '/input_references/1/video_url',
      role: 'motion',
      name: null,
    },
  ],
  settings: { audio: false, seed: 7, negativePrompt: 'rain', resolution: '720p', aspectRatio: '9:16' },
}

t.test('frames, references and settings by the names of OpenRouter', async (t) => {
  const { status, input } = await json(t, asked)
  t.equal(status, 200)
  t.same(input?.inputs, expected)
  t.equal(input?.size, null, 'the ratio says what the size would')
})

t.test('a form says the same', async (t) => {
  const parts = Object.entries(asked).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }))
  const request = form(parts)
  const { status, input } = await post(t, { ...request, headers: { ...request.headers, ...asMaker } })
  t.equal(status, 200)
  t.same(input?.inputs, expected)
})

t.test('without them nothing changes: portrait, and no inputs', async (t) => {
  const { input } = await json(t, { prompt: 'a boat' })
  t.equal(input?.size, 'portrait')
  t.equal(input?.inputs, undefined)
  const framed = await json(t, { prompt: 'a boat', frame_images: asked.frame_images })
  t.equal(framed.input?.size, null, 'a first frame says what the picture is like')
})

for (const [what, change, param] of [
  ['a size beside a resolution', { size: '1280x720' }, 'resolution'],
  [
    'two frames of one type',
    { frame_images: [asked.frame_images[0], asked.frame_images[0]] },
    'frame_images',
  ],
  [
    'a reference beside references',
    { input_reference: { image_url: 'https://a.example/i.png' } },
    'input_references',
  ],
  ['a reference of nothing', { input_references: [{ role: 'style' }] }, 'input_references'],
  ['a ratio of no frame', { frame_images: [], aspect_ratio: 'auto' }, 'aspect_ratio'],
] as const) {
  t.test(`${what} is refused by name`, async (t) => {
    const { status, body } = await json(t, { ...asked, ...change })
    t.equal(status, 400)
    t.match(body.error.param, param)
  })
}
