import t from 'tap'
import { presetNames } from '../../src/gateway/upstreams/described/preset-names.ts'
import {
  parseDescription,
  presetDescription,
  readPreset,
} from '../../src/gateway/upstreams/described/presets.ts'
import {
  clip,
  image,
  plain,
  withImage,
  character,
  preset,
  json,
  recorded,
  checkCreates,
  checkPolls,
} from './preset-fixtures.ts'
import type { Row } from './preset-fixtures.ts'

const v2Task = (status: string, more: object = {}) => ({
  task_id: 'f0aa213c',
  status,
  fail_reason: '',
  data: null,
  ...more,
})

/** What every vendor says alike, whatever its envelope (docs/vendors/failure-modes.md). */
const everywhere: Row[] = [
  [
    'overload with 429',
    429,
    { code: 'do_response_failed', message: '当前分组上游负载已饱和，请稍后再试' },
    { type: 'rejected' },
  ],
  [
    'overload inside a 200',
    200,
    { code: 'x', message: '当前分组负载已饱和，请升级账户', data: null },
    { type: 'rejected' },
  ],
  ['a page with 200', 200, '<!doctype html><html></html>', { type: 'upstream_down' }],
  [
    'paused inside a 200',
    200,
    { code: 500, msg: 'This interface is temporarily paused' },
    { type: 'upstream_down', modelGone: true },
  ],
  ['no channel left', 500, { code: 'get_channel_failed', message: 'group x' }, { type: 'upstream_down' }],
  [
    'a refusal at submit',
    400,
    { error: { code: 'content_policy_violation', message: 'no' } },
    { type: 'refused' },
  ],
  ['a refusal with 451', 451, { code: 'prompt_unsafe', msg: 'no' }, { type: 'refused' }],
  [
    'a character that is not permitted',
    400,
    { error: { code: 'cameo_permission_denied', message: 'no' } },
    { type: 'character_invalid' },
  ],
  ['a bare 500', 500, '', { type: 'unknown' }],
  ['a 200 without an id', 200, { ok: true }, { type: 'unknown' }],
  ['half a 200', 200, '{"id":"x', { type: 'unknown' }],
]

t.test('every preset is a description without faults, and knows what all vendors say alike', async (t) => {
  for (const name of presetNames) {
    t.doesNotThrow(() => parseDescription(readPreset(name)), name)
    checkCreates(t, preset(name), everywhere)
    t.equal(
      preset(name, { characters: 'reference' }).character,
      null,
      'characters only where they are native',
    )
  }
})

t.test('create-query', async (t) => {
  const dialect = preset('create-query', { models: { 'sora-2': 'sora-2-all' } })
  await t.test('what it sends', async (t) => {
    t.same(dialect.create.encode({ ...plain, model: 'sora-2-all' }), {
      method: 'POST',
      path: '/v1/video/create',
      body: {
        type: 'json',
        value: {
          model: 'sora-2-all',
          prompt: 'a paper boat',
          images: [],
          orientation: 'landscape',
          duration: 10,
          size: 'large',
          watermark: false,
          private: true,
        },
      },
    })
    t.match(json(dialect.create.encode(withImage)), { value: { images: [image.url] } })
    t.match(json(dialect.create.encode({ ...plain, size: '1080x1920' })), {
      value: { orientation: 'portrait', size: 'hd' },
    })
    t.match(dialect.create.encode({ ...plain, size: '720x720' }), {
      type: 'unsupported',
      message: /no shape/,
    })
    t.match(
      dialect.create.encode({ ...plain, reference: { kind: 'video', media: clip, influence: null } }),
      { type: 'unsupported' },
      'a video is not sent as an image',
    )
    t.match(dialect.poll.encode({ id: 'sora-2:5b7d' }), {
      method: 'GET',
      path: '/v1/video/query?id=sora-2%3A5b7d',
    })
    t.equal(dialect.mention({ handle: 'amber.finch', name: 'amber' }), '@amber.finch ')
  })
  checkCreates(t, dialect, [
    [
      'the id',
      200,
      { id: 'sora-2:5b7d', status: 'pending' },
      { job: { upstreamId: 'sora-2:5b7d', operation: { id: 'sora-2:5b7d' } } },
    ],
    ['a task_id (t8star)', 200, { task_id: 'f0aa' }, { type: 'accepted', job: { upstreamId: 'f0aa' } }],
  ])
  const done = { type: 'completed', result: { url: 'https://cdn.example/v.mp4', expiresAt: null } }
  checkPolls(t, dialect, [
    [
      'running, under another id',
      200,
      { id: '5b7d', status: 'processing', video_url: null },
      { type: 'running' },
    ],
    ['done', 200, { id: '5b7d', status: 'success', video_url: 'https://cdn.example/v.mp4' }, done],
    ['done, URL in detail', 200, { status: 'completed', detail: { url: 'https://cdn.example/v.mp4' } }, done],
    [
      'done, URL in a draft',
      200,
      {
        status: 'completed',
        video_url: '',
        detail: { draft_info: { downloadable_url: 'https://cdn.example/v.mp4' } },
      },
      done,
    ],
    ['done, URL late', 200, { status: 'completed', video_url: null }, { type: 'unreadable' }],
    [
      'failed',
      200,
      { status: 'failed', fail_reason: 'render crashed' },
      { type: 'failed', message: 'render crashed' },
    ],
    ['too often', 429, { error: { message: 'slow down' } }, { type: 'unreachable' }],
    ['gone', 404, { code: 'task_not_exist', message: 'task_not_exist' }, { type: 'not_found' }],
    ['a page', 200, '<!doctype html>', { type: 'unreadable' }],
  ])
  await t.test('characters, without a model', async (t) => {
    const { character: calls } = dialect
    t.same(calls?.encode(character), {
      method: 'POST',
      path: '/sora/v1/characters',
      body: { type: 'json', value: { url: clip.url, timestamps: '1,3.2' } },
    })
    t.match(json(calls!.encode({ ...character, fromJob: { id: 'sora-2:5b7d' } })), {
      value: { from_task: 'sora-2:5b7d', timestamps: '1,3.2', url: undefined },
    })
    const made = { id: 'ch_6a11', username: 'amber.finch', profile_picture_url: 'https://x.example/p' }
    t.same(calls?.decode(recorded(200, made), character), { type: 'ready', handle: 'amber.finch' })
    t.match(
      calls?.decode(recorded(400, { error: { message: 'request to upstream address failed' } }), character),
      { type: 'invalid' },
      'the clip could not be fetched',
    )
    t.equal(calls?.poll, null)
  })
})

t.test('v2-generations', async (t) => {
  const dialect = preset('v2-generations')
  t.same(json(dialect.create.encode(plain)), {
    type: 'json',
    value: {
      model: 'sora-2',
      prompt: 'a paper boat',
      images: [],
      aspect_ratio: '16:9',
      duration: '10',
      hd: false,
      watermark: false,
      private: false,
    },
  })
  const { name, span, fromJob } = character
  const inline = { ...plain, inlineCharacters: [{ name, span, fromJob, clip }] }
  t.match(json(dialect.create.encode(inline)), {
    value: { character_url: clip.url, character_timestamps: '1,3.2' },
  })
  checkCreates(t, dialect, [
    ['the task', 200, { task_id: 'f0aa213c' }, { type: 'accepted', job: { upstreamId: 'f0aa213c' } }],
  ])
  t.match(dialect.poll.encode({ id: 'f0aa/x' }), { path: '/v2/videos/generations/f0aa%2Fx' })
  checkPolls(t, dialect, [
    ['not started', 200, v2Task('NOT_START'), { type: 'running', status: 'NOT_START' }],
    ['percent in text', 200, v2Task('IN_PROGRESS', { progress: '45%' }), { type: 'running', progress: 45 }],
    [
      'done',
      200,
      v2Task('SUCCESS', { data: { output: 'https://cdn.example/v.mp4' } }),
      { result: { url: 'https://cdn.example/v.mp4' } },
    ],
    [
      'done, in lower case (forks)',
      200,
      { status: 'completed', video_url: 'https://cdn.example/v.mp4' },
      { type: 'completed' },
    ],
    [
      'failed',
      200,
      v2Task('FAILURE', { fail_reason: 'heavy load' }),
      { type: 'failed', retryable: true, message: 'heavy load' },
    ],
    ['refused late', 200, v2Task('FAILURE', { fail_reason: '内容违规' }), { type: 'refused' }],
  ])
})

t.test('a preset is read and parsed once, however many upstreams have it', (t) => {
  for (const name of presetNames) {
    const changed: Record<string, unknown> = readPreset(name)
    changed['create'] = null
    t.not(readPreset(name)['create'], null, `${name}: who changes what was read changes a copy`)
    t.equal(presetDescription(name), presetDescription(name), name)
    t.same(presetDescription(name), parseDescription(readPreset(name)), name)
  }
  t.end()
})
