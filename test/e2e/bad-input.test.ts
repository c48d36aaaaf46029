import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { keys, startGateway } from './gateway.ts'
import {
  gateway,
  origin,
  control,
  other,
  clip,
  json,
  generate,
  character,
  multipart,
  invalid,
  upload,
  send,
  isProblem,
  isUntouched,
  areRefused,
} from './bad-input-stage.ts'

t.test('a body that says nonsense is answered with its faults, and nothing is stored', async (t) => {
  const two = { image_url: `${origin}/i.png`, video_url: `${origin}/clips/a.mp4` }
  await areRefused(t, [
    { what: 'an unknown field', ...generate({ promt: 'x' }), ...invalid('/promt') },
    {
      what: 'an unknown field inside',
      ...generate({ routing: { prority: 'cost' } }),
      ...invalid('/routing/prority'),
    },
    { what: 'a wrong type', ...generate({ duration: '10' }), ...invalid('/duration') },
    { what: 'an empty prompt', ...generate({ prompt: '' }), ...invalid('/prompt') },
    {
      what: 'a prompt of 33,000 characters',
      ...generate({ prompt: 'x'.repeat(33_000) }),
      ...invalid('/prompt'),
    },
    { what: 'a negative duration', ...generate({ duration: -1 }), ...invalid('/duration') },
    { what: 'two meanings of one reference', ...generate({ reference: two }), ...invalid('/reference') },
    {
      what: 'an unknown character',
      ...generate({ prompt: '@nobody waves' }),
      status: 422,
      code: 'character_not_found',
      pointer: '/prompt',
    },
    {
      what: 'an unknown character id',
      ...generate({ prompt: '@char_01kasp3v5tq8c9d4wz7m2n6xhr waves' }),
      status: 422,
      code: 'character_not_found',
      pointer: '/prompt',
    },
    {
      what: 'malformed JSON',
      ...json('/generate', {}),
      body: '{"prompt": "a',
      status: 400,
      code: 'malformed_body',
      pointer: '',
    },
    {
      what: '50 MB of JSON',
      ...generate({ prompt: 'x'.repeat(50_000_000) }),
      status: 413,
      code: 'payload_too_large',
      pointer: '',
    },
    { what: 'a name that is none', ...character({ name: 'Girl!', video_url: origin }), ...invalid('/name') },
    { what: 'a character without a clip', ...character({}), ...invalid('') },
    {
      what: 'a clip span beyond the clip',
      ...character({
        video_url: `${origin}/clips/a.mp4?seconds=2&size=320x240`,
        clip: { start: 1, end: 60 },
      }),
      ...invalid('/clip'),
    },
    {
      what: 'a generation that does not exist',
      ...character({ generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr' }),
      status: 404,
      code: 'not_found',
      pointer: '/generation_id',
    },
  ])
})

t.test('asking for the plan of a request stores nothing, not even the file that came with it', async (t) => {
  const video = { name: 'reference', ...upload(await aClip(clip)) }
  const plan = await send(multipart('/route', [{ name: 'prompt', value: 'a lighthouse' }, video]))
  t.match(plan, { status: 200, body: { candidates: [{ upstream: 'official' }] } })
  await isUntouched(t)
})

t.test('another key’s things are not there, and without a key nothing is', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const missing = { status: 404, code: 'not_found', pointer: '#/path/id' }
  const calls: Array<[method: string, path: string]> = [
    ['GET', ''],
    ['GET', '?wait=1'],
    ['GET', '/events'],
    ['GET', '/video'],
    ['GET', '/thumbnail'],
    ['POST', '/cancel'],
    ['DELETE', ''],
  ]
  for (const [method, tail] of calls) {
    const path = `/generations/${generation.id}${tail}`
    const what = `${method} ${tail}`
    isProblem(t, await gateway.call(method, path, undefined, other), { what, ...missing })
    for (const authorization of ['', 'Bearer no-such-key-00000', `Basic ${keys.studio}`]) {
      const answer = await gateway.call(method, path, undefined, { authorization })
      isProblem(t, answer, {
        what: `${what} as ${authorization}`,
        status: 401,
        code: 'unauthorized',
        pointer: '#/headers/authorization',
      })
      t.match(answer.headers.get('www-authenticate'), /^Bearer/)
    }
  }
  t.same((await gateway.call('GET', '/generations', undefined, other)).body.data, [])
  t.match((await gateway.call('GET', `/generations/${generation.id}`)).body, generation)
  const unauthorized = await fetch(`${gateway.address}/generate`, {
    method: 'POST',
    body: 'x'.repeat(100_000),
  })
  t.equal(unauthorized.status, 401)
  t.equal((await gateway.call('DELETE', `/generations/${generation.id}`)).status, 204)
  control.reset()
  await isUntouched(t)
})

t.test('a wait may be any number of seconds', async (t) => {
  const gateway = await startGateway(t)
  const { body } = await gateway.call('POST', '/generate', { prompt: 'a boat' })
  // Timers take whole milliseconds only.
  const { status } = await gateway.call('GET', `/generations/${body.id}?wait=0.0123456789`)
  t.equal(status, 200)
})
