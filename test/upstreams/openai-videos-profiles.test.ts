import t from 'tap'
import type { CreateCharacterRequest, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import type { Dialect, FollowUp, Unsupported } from '../../src/gateway/upstreams/dialect.ts'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import { profiles } from '../../src/gateway/upstreams/openai-videos/traits.ts'
import type { ProfileName } from '../../src/gateway/upstreams/openai-videos/traits.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { answer, mediaSource, settings } from './fixtures.ts'

const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'clip.mp4')
const image = mediaSource(Buffer.from('png'), 'image/png', 'ref.png')
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'paper boat in rain',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const withImage: CreateRequest = { ...plain, reference: { kind: 'image', media: image, influence: 0.8 } }
const character = {
  name: 'mossy',
  description: 'a moss troll',
  clip,
  span: { start: 1, end: 3 },
  fromJob: null,
} satisfies CreateCharacterRequest

function dialect(profile: ProfileName, traits: Record<string, unknown> = {}) {
  return createOpenaiVideos(settings({ profile, traits }), profile)
}

function listOf({ list }: Dialect): 'whole' | 'partial' | 'none' {
  if (list === null) return 'none'
  return list.isAuthority ? 'whole' : 'partial'
}

/** A create as text: its encoding, then its fields in order. */
function written(call: ApiCall | Unsupported): string {
  if (!('body' in call)) return JSON.stringify(call)
  const { body } = call
  if (body === null) return 'nothing'
  if (body.type === 'json') return `json ${JSON.stringify(body.value)}`
  if (body.type === 'file') return 'file'
  const fields = body.parts.map((part) =>
    'value' in part ? `${part.name}=${part.value}` : `${part.name}=<file>`,
  )
  return `form ${fields.join(' ')}`
}

const json = (more: object) =>
  `json ${JSON.stringify({ model: 'sora-2', prompt: 'paper boat in rain', ...more })}`
const done = (more: object) => answer({ status: 200, body: { id: 'video_1', status: 'completed', ...more } })

function followUp<T>(outcome: T | FollowUp<T>): FollowUp<T> {
  if (typeof outcome === 'object' && outcome !== null && 'call' in outcome) return outcome
  throw new Error(`no call follows: ${JSON.stringify(outcome)}`)
}

t.test('what each server is sent', async (t) => {
  const form = 'form model=sora-2 prompt=paper boat in rain'
  const rows: [profile: ProfileName, text: string, withFile: string][] = [
    [
      'openai',
      `${form} seconds=8 size=1280x720`,
      `${form} seconds=8 size=1280x720 influence_strength=0.8 input_reference=<file>`,
    ],
    ['azure', `${form} seconds=8 size=1280x720`, `${form} seconds=8 size=1280x720 input_reference=<file>`],
    [
      'new-api',
      `${form} seconds=8 size=1280x720`,
      `${form} seconds=8 size=1280x720 influence_strength=0.8 input_reference=<file>`,
    ],
    [
      'vllm-omni',
      `${form} seconds=8 size=1280x720`,
      `${form} seconds=8 size=1280x720 input_reference=<file>`,
    ],
    [
      'sglang',
      json({ seconds: 8, size: '1280x720' }),
      `${form} seconds=8 size=1280x720 input_reference=<file>`,
    ],
    [
      'trtllm',
      json({ seconds: 8, size: '1280x720' }),
      `${form} seconds=8 size=1280x720 input_reference=<file>`,
    ],
    [
      'gemini-compat',
      `${form} duration_seconds=8 aspect_ratio=16:9 resolution=720p`,
      `${form} duration_seconds=8 aspect_ratio=16:9 resolution=720p image=<file>`,
    ],
    [
      'litellm',
      `${form} seconds=8 size=1280x720`,
      `${form} seconds=8 size=1280x720 influence_strength=0.8 input_reference=<file>`,
    ],
    [
      'generic',
      json({ seconds: '8', size: '1280x720' }),
      `${form} seconds=8 size=1280x720 influence_strength=0.8 input_reference=<file>`,
    ],
  ]
  t.same(
    rows.map(([profile]) => profile),
    Object.keys(profiles),
  )
  for (const [profile, text, withFile] of rows) {
    t.equal(written(dialect(profile).create.encode(plain)), text, profile)
    t.equal(written(dialect(profile).create.encode(withImage)), withFile, `${profile} with a file`)
  }
})

t.test('what a server cannot be told is not sent, and may go elsewhere', async (t) => {
  for (const profile of ['vllm-omni', 'sglang', 'gemini-compat'] as const)
    t.match(
      dialect(profile).create.encode({ ...plain, durationSeconds: 7.5 }),
      { type: 'unsupported' },
      profile,
    )
  t.match(dialect('trtllm').create.encode({ ...plain, durationSeconds: 7.5 }), { method: 'POST' })
  const video: CreateRequest = { ...plain, reference: { kind: 'video', media: clip, influence: null } }
  t.match(dialect('gemini-compat').create.encode(video), { type: 'unsupported' })
  t.match(dialect('new-api', { encoding: 'json' }).create.encode(withImage), { type: 'unsupported' })
  const { name, span, fromJob } = character
  const inline = { ...plain, inlineCharacters: [{ name, span, fromJob, clip }] }
  t.match(dialect('vllm-omni').create.encode(inline), { type: 'unsupported' })
  const two = { ...plain, inlineCharacters: [...inline.inlineCharacters, ...inline.inlineCharacters] }
  t.match(dialect('new-api').create.encode(two), { type: 'unsupported', message: /one character/ })
})

t.test('a reference as a URL, where the server takes one', async (t) => {
  const url = image.url
  t.match(dialect('new-api', { encoding: 'json', reference_as: 'url' }).create.encode(withImage), {
    body: { value: { input_reference: url } },
  })
  t.match(dialect('new-api', { encoding: 'json', reference_as: 'image_url' }).create.encode(withImage), {
    body: { value: { input_reference: { image_url: url } } },
  })
  t.match(
    written(dialect('openai', { reference_as: 'image_url' }).create.encode(withImage)),
    `input_reference[image_url]=${url}`,
  )
  const withVideo: CreateRequest = { ...plain, reference: { kind: 'video', media: clip, influence: null } }
  const asImage = { encoding: 'json', reference_as: 'image_url' }
  t.match(dialect('new-api', asImage).create.encode(withVideo), {
    type: 'unsupported',
    message: /not a video/,
  })
})

t.test('a character that travels with the create', async (t) => {
  const { name, span } = character
  const inline = (fromJob: CreateCharacterRequest['fromJob']) =>
    written(dialect('new-api').create.encode({ ...plain, inlineCharacters: [{ name, span, fromJob, clip }] }))
  t.match(inline(null), `character_url=${clip.url} character_timestamps=1,3`)
  t.match(inline({ id: 'video_1' }), 'character_from_task=video_1 character_timestamps=1,3')
})

t.test('the key goes where the server wants it', async (t) => {
  t.same(dialect('azure').headers?.('key-1'), { 'api-key': 'key-1' })
  t.same(dialect('azure').headers?.(null), {})
  t.notOk('headers' in dialect('openai'), 'a bearer token, which the transport sends by itself')
})

t.test('which server lists, and which stops a job when it is deleted', async (t) => {
  const rows: [profile: ProfileName, list: 'whole' | 'partial' | 'none', cancel: boolean][] = [
    ['openai', 'whole', false],
    ['azure', 'whole', false],
    ['new-api', 'none', false],
    ['vllm-omni', 'whole', true],
    ['sglang', 'whole', false],
    ['trtllm', 'whole', true],
    ['gemini-compat', 'none', false],
    ['generic', 'partial', true],
  ]
  for (const [profile, list, cancel] of rows) {
    t.equal(listOf(dialect(profile)), list, `${profile} lists`)
    t.equal(dialect(profile).cancel !== null, cancel, `${profile} cancels`)
  }
  t.equal(listOf(dialect('openai', { list: false, cancel: true })), 'none', 'unless a trait says otherwise')
  t.equal(listOf(dialect('new-api', { list: 'partial' })), 'partial', 'a relay that lists denies nothing')
})

t.test('where a finished video is', async (t) => {
  const operation = { id: 'video_1' }
  const url = 'https://files.example/v.mp4'
  const named = { type: 'completed', result: { url } }
  const below = { type: 'completed', result: { url: null } }
  t.match(dialect('openai').poll.decode(done({ video_url: url }), operation), named)
  t.match(
    dialect('vllm-omni').poll.decode(done({ url }), operation),
    below,
    'its endpoint, whatever it names',
  )
  t.match(dialect('gemini-compat').poll.decode(done({ url }), operation), named)
  t.match(dialect('gemini-compat').poll.decode(done({}), operation), { type: 'unreadable' }, 'no URL yet')

  const relay = dialect('new-api', { content: 'json' })
  const second = followUp(relay.poll.decode(done({ model: 'sora-2' }), operation))
  t.match(second.call, { method: 'GET', path: '/videos/video_1/content' }, 'an endpoint that names a URL')
  t.match(second.decode(answer({ status: 200, body: { video_url: url } })), { ...named, model: 'sora-2' })
  t.match(second.decode(answer({ status: 200, body: { ok: true } })), { type: 'unreadable' })
  t.match(
    second.decode(answer({ status: 404, body: { error: { message: 'not ready' } } })),
    { type: 'unreadable' },
    'a 404 there says nothing about the job',
  )
})

t.test('FastAPI and numeric codes are read as any other error', async (t) => {
  const server = dialect('vllm-omni')
  const rows: [status: number, body: unknown, type: string][] = [
    [422, { detail: [{ loc: ['body', 'seconds'], msg: 'bad' }] }, 'invalid'],
    [503, { detail: 'no handler' }, 'rejected'],
    [500, { detail: 'Video generation failed' }, 'unknown'],
    [404, { detail: 'Not Found' }, 'upstream_down'],
  ]
  for (const [status, body, type] of rows)
    t.equal(server.create.decode(answer({ status, body }), plain).type, type, JSON.stringify(body))
  const failed = { id: 'v', status: 'failed', error: { code: 500, message: 'CUDA out of memory' } }
  t.match(server.poll.decode(answer({ status: 200, body: failed })), { type: 'failed', retryable: true })
  t.match(server.poll.decode(answer({ status: 404, body: { detail: 'Video not found' } })), {
    type: 'not_found',
  })
})

t.test('characters beside /v1', async (t) => {
  const server = dialect('new-api')
  const { character: calls } = server
  t.same(calls?.encode(character), {
    method: 'POST',
    path: '/sora/v1/characters',
    below: 'parent',
    body: { type: 'json', value: { url: clip.url, timestamps: '1,3' } },
  })
  t.match(calls?.encode({ ...character, fromJob: { id: 'video_1' } }), {
    body: { value: { from_task: 'video_1', url: undefined } },
  })
  const demanding = dialect('new-api', { character_model: 'sora-2-character' }).character
  t.match(demanding?.encode(character), { body: { value: { model: 'sora-2-character' } } })
  const made = { id: 'ch_6a11', username: 'amber.finch', display_name: 'Amber' }
  t.same(calls?.decode(answer({ status: 200, body: made }), character), {
    type: 'ready',
    handle: 'amber.finch',
  })
  t.same(
    calls?.decode(answer({ status: 200, body: { id: 'ch_6a11', username: null } }), character),
    { type: 'ready', handle: 'ch_6a11' },
    'an id alone',
  )
  t.match(calls?.decode(answer({ status: 404, body: { message: 'channel not found' } }), character), {
    type: 'upstream_down',
  })
  t.equal(server.mention({ handle: 'amber.finch', name: 'mossy' }), '@amber.finch ', 'with a blank after it')
})

t.test('characters made by a job', async (t) => {
  const { character: calls } = dialect('new-api', {
    characters: 'job',
    character_model: 'sora-2-pro-character',
  })
  t.equal(
    written(calls!.encode({ ...character, fromJob: { id: 'video_3f0c' } })),
    'form model=sora-2-pro-character character_from_task=video_3f0c character_timestamps=1,3',
  )
  const asJson = dialect('new-api', { characters: 'job', encoding: 'json' }).character
  t.match(asJson?.encode(character), {
    path: '/videos',
    body: { value: { model: 'sora-2-character', character_url: clip.url } },
  })
  const job = { id: 'char_0d3e', object: 'character', status: 'queued', username: null }
  const operation = { id: 'char_0d3e' }
  t.same(calls?.decode(answer({ status: 200, body: job }), character), {
    type: 'pending',
    operation,
    retryAfterMs: null,
  })
  t.match(calls?.poll?.encode(operation), { method: 'GET', path: '/videos/char_0d3e' })
  const rows: [what: string, status: number, body: unknown, expected: object][] = [
    ['404 means not yet', 404, { error: { code: 'task_not_found' } }, { type: 'pending', operation }],
    ['under way', 200, job, { type: 'pending' }],
    [
      'done when the username appears',
      200,
      { ...job, username: 'amber.finch' },
      { type: 'ready', handle: 'amber.finch' },
    ],
    ['failed', 200, { ...job, status: 'failed', error: { message: 'no face' } }, { type: 'invalid' }],
    [
      'refused',
      200,
      { ...job, status: 'failed', error: { code: 'content_policy_violation' } },
      { type: 'refused' },
    ],
    [
      'failed for load',
      200,
      { ...job, status: 'failed', error: { message: 'heavy load' } },
      { type: 'rejected' },
    ],
    ['an outage', 503, '', { type: 'rejected' }],
    ['an odd body', 200, '<html>', { type: 'unknown' }],
  ]
  for (const [what, status, body, expected] of rows)
    t.match(calls?.poll?.decode(answer({ status, body }), operation), expected, what)
})

t.test('servers that keep no characters', async (t) => {
  for (const profile of ['vllm-omni', 'sglang', 'trtllm', 'gemini-compat'] as const)
    t.equal(dialect(profile).character, null, profile)
})

t.test('a trait that is none is a mistake of the program', async (t) => {
  t.throws(() => dialect('openai', { encoding: 'yaml' }))
})
