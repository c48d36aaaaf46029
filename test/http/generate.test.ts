import type { InjectOptions } from 'fastify'
import * as fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../src/gateway/domain/problem.ts'
import { GenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import { RoutePreviewDto } from '../../src/gateway/http/schemas/generations/preview.ts'
import { form } from './forms.ts'
import { generationId } from './samples.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'

const clip = { name: 'reference', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }

function post(url: string, payload: object, headers: Record<string, string> = {}): InjectOptions {
  return { method: 'POST', url, headers: { ...asMaker, ...headers }, payload }
}

function postForm(
  url: string,
  parts: Parameters<typeof form>[0],
  headers: Record<string, string> = {},
): InjectOptions {
  const made = form(parts)
  return { method: 'POST', url, payload: made.payload, headers: { ...asMaker, ...headers, ...made.headers } }
}

const nothingSaid = {
  priority: null,
  upstreams: null,
  fallback: null,
  characterFidelity: null,
  duration: null,
  onUnknown: null,
  preferUpstreamOf: null,
  maxCostMicros: null,
  deadlineMs: null,
}

t.test('a request is answered 202 with its place and the generation', async (t) => {
  const app = await serve(t)
  const answer = await app.inject(post('/generate', { prompt: 'a lighthouse' }))
  t.equal(answer.statusCode, 202)
  t.equal(answer.headers.location, `/generations/${generationId}`)
  t.match(answer.headers['content-type'], /^application\/json/)
  t.strictSame(GenerationDto.parse(answer.json()), answer.json())
})

t.test('what is not said reaches the service as null', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  await app.inject(post('/generate', { prompt: '  a lighthouse\n' }))
  t.strictSame(stubs.seen.inputs, [
    {
      prompt: 'a lighthouse',
      model: null,
      durationSeconds: null,
      size: null,
      reference: null,
      routing: nothingSaid,
      webhookUrl: null,
      webhookEvents: null,
      metadata: {},
    },
  ])
  t.strictSame(stubs.seen.idempotency, [null])
})

t.test('JSON and a form say the same', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const routing = {
    priority: 'stability',
    upstreams: ['openai'],
    max_cost_usd: 1.5,
    deadline_seconds: 1800.5,
  }
  await app.inject(
    post('/generate', {
      prompt: 'a lighthouse',
      model: 'sora-2',
      duration: 10,
      size: '0640x0480',
      reference: { image_url: 'https://a.example/i.png', influence: 0.8 },
      routing,
      webhook_url: 'https://hooks.example/x',
      webhook_events: ['generation.completed', 'attempt.failed'],
      metadata: { shot: '12b' },
    }),
  )
  await app.inject(
    postForm('/generate', [
      { name: 'metadata', value: '{"shot":"12b"}', type: 'application/json' },
      { name: 'reference_influence', value: '0.8' },
      { name: 'duration', value: '10' },
      { name: 'routing', value: JSON.stringify(routing) },
      { name: 'size', value: '0640x0480' },
      { name: 'model', value: 'sora-2' },
      { name: 'reference_image_url', value: 'https://a.example/i.png' },
      { name: 'webhook_url', value: 'https://hooks.example/x' },
      { name: 'webhook_events', value: '["generation.completed","attempt.failed"]' },
      { name: 'prompt', value: 'a lighthouse' },
    ]),
  )
  const [json, fields] = stubs.seen.inputs
  t.strictSame(fields, json)
  t.match(json, {
    size: '640x480',
    reference: { type: 'url', kind: 'image', url: 'https://a.example/i.png', influence: 0.8 },
    routing: {
      ...nothingSaid,
      priority: 'stability',
      upstreams: ['openai'],
      maxCostMicros: 1_500_000,
      deadlineMs: 1_800_500,
    },
  })
})

t.test('a file goes to the archive as it comes, before or after the fields', async (t) => {
  const prompt = { name: 'prompt', value: 'a lighthouse' }
  const influence = { name: 'reference_influence', value: '0.5' }
  for (const parts of [
    [clip, prompt, influence],
    [prompt, influence, clip],
  ]) {
    const stubs = createStubs()
    const app = await serve(t, stubs)
    const answer = await app.inject(postForm('/generate', parts))
    t.equal(answer.statusCode, 202)
    t.strictSame(stubs.seen.calls, ['intake.fromStream image,video', 'submit'])
    t.equal(stubs.seen.stored.get('media_0')?.toString(), 'bytes')
    t.strictSame(stubs.seen.inputs[0]?.reference, {
      type: 'stored',
      kind: 'video',
      mediaId: 'media_0',
      contentType: 'video/mp4',
      influence: 0.5,
    })
    t.strictSame(stubs.seen.discarded, [], 'and is kept')
  }
})

async function no(): Promise<never> {
  throw new Problem('no_upstream', 'Nobody sells this.', {
    extra: { excluded: [{ upstream: 'a' }], status: 999 },
  })
}

t.test('a file is discarded when the service says no', async (t) => {
  for (const url of ['/generate', '/route']) {
    const stubs = createStubs()
    stubs.generations = { ...stubs.generations, submit: no, plan: no }
    const app = await serve(t, stubs)
    const answer = await app.inject(postForm(url, [clip, { name: 'prompt', value: 'x' }]))
    t.equal(answer.statusCode, 422)
    t.match(answer.json(), {
      code: 'no_upstream',
      detail: 'Nobody sells this.',
      excluded: [{ upstream: 'a' }],
      status: 422,
    })
    t.strictSame(stubs.seen.discarded, ['media_0'])
  }
})

t.test("the intake's own verdict on a file is the answer", async (t) => {
  const stubs = createStubs()
  stubs.intake.fromStream = async (_body, _accept, pointer) => {
    throw new Problem('not_media', 'This is not a video.', {
      faults: [{ pointer, detail: 'This is not a video.' }],
    })
  }
  const app = await serve(t, stubs)
  const answer = await app.inject(
    postForm('/generate', [
      { ...clip, value: Buffer.alloc(500_000) },
      { name: 'prompt', value: 'x' },
    ]),
  )
  t.match(answer.json(), { status: 422, code: 'not_media', errors: [{ pointer: '/reference' }] })
  t.strictSame(stubs.seen.calls, [])
})

t.test('a discard that fails does not hide the answer', async (t) => {
  const stubs = createStubs()
  stubs.intake.discard = async () => {
    throw new Error('the disk is gone')
  }
  const app = await serve(t, stubs)
  const answer = await app.inject(postForm('/generate', [clip]))
  t.equal(answer.json().code, 'validation_failed')
})

t.test('a repeated call gets the very first answer', async (t) => {
  const stubs = createStubs()
  const first = JSON.stringify({ id: 'gen_first', anything: ['as', 'it was'] })
  stubs.generations.submit = async () => ({ type: 'replayed', response: first })
  const app = await serve(t, stubs)
  const answer = await app.inject(
    postForm('/generate', [clip, { name: 'prompt', value: 'x' }], { 'idempotency-key': 'take 1' }),
  )
  t.equal(answer.statusCode, 202)
  t.equal(answer.body, first)
  t.match(answer.headers, { 'idempotent-replayed': 'true', location: '/generations/gen_first' })
  t.strictSame(stubs.seen.discarded, ['media_0'], 'and the file of the repetition is discarded')
})

t.test('the same request has one hash, in whatever order it is written', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const hash = async (request: InjectOptions) => {
    await app.inject(request)
    return stubs.seen.idempotency.at(-1)?.requestHash
  }
  const key = { 'idempotency-key': 'take 1' }
  const one = await hash(
    post(
      '/generate',
      { prompt: 'x', metadata: { a: '1', b: '2' }, routing: { fallback: true, priority: 'cost' } },
      key,
    ),
  )
  t.match(one, /^[0-9a-f]{64}$/)
  t.equal(
    await hash(
      post(
        '/generate',
        { routing: { priority: 'cost', fallback: true }, metadata: { b: '2', a: '1' }, prompt: 'x' },
        key,
      ),
    ),
    one,
  )
  t.not(await hash(post('/generate', { prompt: 'x', metadata: { a: '2', b: '1' } }, key)), one)
  const prompt = { name: 'prompt', value: 'x' }
  const file = await hash(postForm('/generate', [clip, prompt], key))
  t.equal(await hash(postForm('/generate', [prompt, clip], key)), file)
  t.not(await hash(postForm('/generate', [prompt, { ...clip, value: 'other' }], key)), file)
  t.not(
    await hash(postForm('/generate', [prompt, clip, { name: 'reference_influence', value: '1' }], key)),
    file,
  )
  t.equal(stubs.seen.idempotency.at(-1)?.key, 'take 1')
})

t.test('/route answers the plan, sends nothing and keeps no file', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject(postForm('/route', [clip, { name: 'prompt', value: 'x' }]))
  t.equal(answer.statusCode, 200)
  t.strictSame(RoutePreviewDto.parse(answer.json()), answer.json())
  t.notMatch(answer.body, /standby/)
  t.strictSame(stubs.seen.calls, ['intake.fromStream image,video', 'plan'])
  t.strictSame(stubs.seen.discarded, ['media_0'])
})

t.test('what /route takes /generate takes, and the other way round', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const odd = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.double())
  const body = fc.record(
    {
      prompt: fc.oneof(fc.string(), odd),
      model: fc.oneof(fc.constant('sora-2'), odd),
      duration: fc.oneof(fc.integer({ min: -1, max: 700 }), odd),
      size: fc.oneof(fc.constantFrom('landscape', '1280x720', '9x9'), odd),
      routing: fc.oneof(fc.record({ priority: fc.constantFrom('cost', 'x') }, { requiredKeys: [] }), odd),
      reference: fc.oneof(
        fc.record({ image_url: fc.webUrl(), influence: fc.double() }, { requiredKeys: [] }),
        odd,
      ),
      metadata: fc.oneof(fc.dictionary(fc.string(), fc.string()), odd),
      extra: odd,
    },
    { requiredKeys: ['prompt'] },
  )
  const parity = fc.assert(
    fc.asyncProperty(body, async (payload) => {
      const [made, planned] = await Promise.all([
        app.inject(post('/generate', payload)),
        app.inject(post('/route', payload)),
      ])
      return (
        (made.statusCode === 202) === (planned.statusCode === 200) && made.json().code === planned.json().code
      )
    }),
    { numRuns: 150 },
  )
  await t.resolves(parity)
})

t.test('an error nobody expected is answered without its text and logged once', async (t) => {
  const stubs = createStubs()
  stubs.generations.submit = async () => {
    throw new TypeError('secret://db is down')
  }
  const lines: string[] = []
  const { pino } = await import('pino')
  const app = await serve(t, stubs, {
    logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
  })
  const answer = await app.inject(post('/generate', { prompt: 'a lighthouse' }))
  t.equal(answer.statusCode, 500)
  t.equal(answer.json().code, 'internal')
  t.notMatch(answer.body, /secret|TypeError/)
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0] ?? ''), {
    request_id: answer.headers['x-request-id'],
    err: { message: 'secret://db is down' },
  })
})

t.test('the access log names the route and never the URL', async (t) => {
  const lines: string[] = []
  const { pino } = await import('pino')
  const app = await serve(t, createStubs(), {
    logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
  })
  await app.inject({ url: '/media/secret-token' })
  await app.inject(post('/generate', { prompt: 'a private prompt' }))
  t.notMatch(lines.join(''), /secret-token|private prompt|key-maker/)
  const answered = lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'request completed')
  t.match(answered, [
    { method: 'GET', route: '/media/:token', status: 404, client: null },
    { method: 'POST', route: '/generate', status: 202, client: 'maker' },
  ])
})
