import t from 'tap'
import type { Test } from 'tap'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import type { CharacterRequest, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import type { Dialect, FollowUp, ReceivedAnswer, Unsupported } from '../../src/gateway/upstreams/dialect.ts'
import { presetNames } from '../../src/gateway/upstreams/described/preset-names.ts'
import { parseDescription, readPreset } from '../../src/gateway/upstreams/described/presets.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { answer, mediaSource, receivedAt, settings, spec } from './fixtures.ts'

type Row = [what: string, status: number, body: unknown, expected: object]

const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')
const image = mediaSource(Buffer.from('png'), 'image/png', 'i.png')
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat',
  durationSeconds: 10,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const withImage: CreateRequest = { ...plain, reference: { kind: 'image', media: image, influence: null } }
const character: CharacterRequest = {
  name: 'amber',
  description: 'a fox in a red coat',
  clip,
  span: { start: 1, end: 3.26 },
  fromJob: null,
}

function preset(dialect: string, changes: Partial<UpstreamSpec> = {}): Dialect {
  return dialectOf(settings({ profile: 'generic', spec: spec({ dialect, ...changes }) }))
}

function json(call: ApiCall | Unsupported): unknown {
  return 'body' in call ? call.body : call
}

function recorded(status: number, body: unknown): ReceivedAnswer {
  return answer({ status, body })
}

function checkCreates(t: Test, dialect: Dialect, rows: Row[]): void {
  for (const [what, status, body, expected] of rows)
    t.match(dialect.create.decode(recorded(status, body), plain), expected, what)
}

function checkPolls(
  t: Test,
  dialect: Dialect,
  rows: Row[],
  operation: { id: string } = { id: 'job-1' },
): void {
  for (const [what, status, body, expected] of rows)
    t.match(dialect.poll.decode(recorded(status, body), operation), expected, what)
}

function followUp<T>(outcome: T | FollowUp<T>): FollowUp<T> {
  if (typeof outcome === 'object' && outcome !== null && 'call' in outcome) return outcome
  throw new Error(`no call follows: ${JSON.stringify(outcome)}`)
}

const v2Task = (status: string, more: object = {}) => ({
  task_id: 'f0aa213c',
  status,
  fail_reason: '',
  data: null,
  ...more,
})
const kieRecord = (data: object) => ({ code: 200, msg: 'success', data: { taskId: 'task_1', ...data } })
const grsaiResult = (data: object) => ({ code: 0, msg: 'success', data: { id: 'g1', results: [], ...data } })
const prediction = (data: object) => ({ code: 200, message: 'success', data: { id: 'p1', ...data } })
const assetTask = (data: object) => ({ code: 'success', message: '', data: { task_id: 'cgt-1', ...data } })
const assetItems = (Status: string, more: object = {}) => ({
  Items: [
    { Id: 'other', Status: 'Active' },
    { Id: 'asset-1', Status, ...more },
  ],
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

t.test('kie-jobs', async (t) => {
  const dialect = preset('kie-jobs')
  const order = { ...plain, model: 'sora-2-text-to-video', characterHandles: ['cid1'] }
  t.same(json(dialect.create.encode(order)), {
    type: 'json',
    value: {
      model: 'sora-2-text-to-video',
      input: {
        prompt: 'a paper boat',
        aspect_ratio: 'landscape',
        n_frames: '10',
        remove_watermark: true,
        character_id_list: ['cid1'],
      },
    },
  })
  t.match(json(dialect.create.encode({ ...withImage, model: 'sora-2-text-to-video' })), {
    value: { model: 'sora-2-image-to-video', input: { image_urls: [image.url] } },
  })
  checkCreates(t, dialect, [
    [
      'the task',
      200,
      { code: 200, msg: 'success', data: { taskId: 'task_1' } },
      { job: { upstreamId: 'task_1' } },
    ],
    ['no credit, with HTTP 200', 200, { code: 402, msg: 'insufficient' }, { type: 'upstream_down' }],
    ['a bad field, with HTTP 200', 200, { code: 422, msg: 'n_frames is wrong' }, { type: 'invalid' }],
    ['too many, with HTTP 200', 200, { code: 429, msg: 'limit' }, { type: 'rejected' }],
    ['under repair, with HTTP 200', 200, { code: 455, msg: 'maintenance' }, { type: 'rejected' }],
    [
      'switched off, with HTTP 200',
      200,
      { code: 505, msg: 'disabled' },
      { type: 'upstream_down', modelGone: true },
    ],
    ['a refusal is no overload', 200, { code: 455, msg: 'content_policy_violation' }, { type: 'refused' }],
  ])
  t.match(dialect.poll.encode({ id: 'task_1' }), { path: '/api/v1/jobs/recordInfo?taskId=task_1' })
  checkPolls(t, dialect, [
    [
      'generating',
      200,
      kieRecord({ state: 'generating', progress: 40, resultJson: '' }),
      { type: 'running', progress: 40 },
    ],
    [
      'done, in a string',
      200,
      kieRecord({ state: 'success', resultJson: '{"resultUrls":["https://x.example/v.mp4"]}' }),
      { result: { url: 'https://x.example/v.mp4' } },
    ],
    [
      'done, in half a string',
      200,
      kieRecord({ state: 'success', resultJson: '{"resultUr' }),
      { type: 'unreadable' },
    ],
    [
      'failed',
      200,
      kieRecord({ state: 'fail', failCode: '500', failMsg: 'crash' }),
      { type: 'failed', message: 'crash' },
    ],
    [
      'refused late',
      200,
      kieRecord({ state: 'fail', failCode: '422', failMsg: 'content_policy_violation' }),
      { type: 'refused' },
    ],
    ['paused', 200, { code: 500, msg: 'This interface is temporarily paused' }, { type: 'unreachable' }],
  ])
  const { character: calls } = dialect
  t.match(json(calls!.encode(character)), {
    value: { model: 'sora-2-characters', input: { character_file_url: [clip.url] } },
  })
  t.match(json(calls!.encode({ ...character, fromJob: { id: 'task_1' } })), {
    value: {
      model: 'sora-2-characters-pro',
      input: { origin_task_id: 'task_1', timestamps: '1,3.2', character_user_name: 'amber' },
    },
  })
  const begun = calls?.decode(recorded(200, { code: 200, data: { taskId: 'task_c' } }), character)
  t.same(begun, { type: 'pending', operation: { id: 'task_c' }, retryAfterMs: null })
  const asked = { id: 'task_c' }
  t.match(calls?.poll?.decode(recorded(200, kieRecord({ state: 'generating' })), asked), {
    type: 'pending',
    operation: asked,
  })
  const result = { state: 'success', resultJson: '{"resultObject":{"character_id":"cid1"}}' }
  t.same(calls?.poll?.decode(recorded(200, kieRecord(result)), asked), { type: 'ready', handle: 'cid1' })
  const failed = kieRecord({ state: 'fail', failCode: '422', failMsg: 'no face was found' })
  t.match(calls?.poll?.decode(recorded(200, failed), asked), {
    type: 'invalid',
    message: 'no face was found',
  })
  t.match(calls?.poll?.decode(recorded(503, ''), asked), { type: 'rejected' }, 'an outage says nothing')
})

t.test('grsai', async (t) => {
  const dialect = preset('grsai')
  t.same(json(dialect.create.encode({ ...plain, size: '720x1280' })), {
    type: 'json',
    value: {
      model: 'sora-2',
      prompt: 'a paper boat',
      aspectRatio: '9:16',
      duration: 10,
      size: 'small',
      webHook: '-1',
      shutProgress: true,
    },
  })
  checkCreates(t, dialect, [
    ['the job', 200, { code: 0, msg: 'success', data: { id: 'g1' } }, { job: { upstreamId: 'g1' } }],
    [
      'as the last chunk of a stream',
      200,
      'data: {"code":0}\n\ndata: {"code":0,"data":{"id":"g1"}}\n\n',
      { job: { upstreamId: 'g1' } },
    ],
    [
      'a refusal inside a stream with 200',
      200,
      'data: {"progress":12}\n\ndata: {"error":{"message":"API request failed: 400 - {\\"code\\":\\"moderation_blocked\\"}","type":"server_error"}}\n\ndata: [DONE]\n\n',
      { type: 'refused' },
    ],
    [
      'an error inside a stream with 200',
      200,
      'data: {"progress":12}\n\ndata: {"error":{"message":"worker lost","type":"server_error"}}\n\ndata: [DONE]\n\n',
      { type: 'unknown', message: /worker lost/ },
    ],
  ])
  t.same(dialect.poll.encode({ id: 'g1' }), {
    method: 'POST',
    path: '/v1/draw/result',
    asks: true,
    body: { type: 'json', value: { id: 'g1' } },
  })
  checkPolls(t, dialect, [
    ['running', 200, grsaiResult({ status: 'running', progress: 40 }), { type: 'running', progress: 40 }],
    [
      'done, for two hours',
      200,
      grsaiResult({ status: 'succeeded', results: [{ url: 'https://x.example/v.mp4', pid: 's_1' }] }),
      { result: { url: 'https://x.example/v.mp4', expiresAt: receivedAt + 7_200_000 } },
    ],
    [
      'refused by what came out',
      200,
      grsaiResult({ status: 'failed', failure_reason: 'output_moderation', error: '' }),
      { type: 'refused' },
    ],
    [
      'failed',
      200,
      grsaiResult({ status: 'failed', failure_reason: 'error', error: 'no gpu' }),
      { type: 'failed', retryable: true },
    ],
    ['vanished', 200, { code: -22, msg: 'not exist', data: null }, { type: 'not_found' }],
  ])
  const { character: calls } = dialect
  t.match(calls?.encode(character), { path: '/v1/video/sora-upload-character' })
  const fromJob = { ...character, fromJob: { id: 'g1' } }
  t.match(calls?.encode(fromJob), { path: '/v1/draw/result', body: { value: { id: 'g1' } } }, 'the pid first')
  const video = recorded(
    200,
    grsaiResult({ status: 'succeeded', results: [{ url: 'https://x.example/v.mp4', pid: 's_1' }] }),
  )
  const next = followUp(calls!.decode(video, fromJob))
  t.match(next.call, {
    path: '/v1/video/sora-create-character',
    body: { value: { pid: 's_1', timestamps: '1,3.2' } },
  })
  t.match(next.decode(recorded(200, { code: 0, data: { id: 'g2' } })), {
    type: 'pending',
    operation: { id: 'g2' },
  })
  t.match(calls?.decode(recorded(200, { code: -22 }), fromJob), { type: 'unknown' }, 'no pid')
  const made = recorded(200, grsaiResult({ status: 'succeeded', results: [{ character_id: 'amber.finch' }] }))
  t.same(calls?.poll?.decode(made, { id: 'g2' }), { type: 'ready', handle: 'amber.finch' })
})

t.test('fal-queue', async (t) => {
  const dialect = preset('fal-queue')
  const model = 'fal-ai/sora-2/text-to-video'
  t.same(dialect.headers?.('key-1'), { authorization: 'Key key-1' })
  t.same(dialect.create.encode({ ...plain, model, durationSeconds: 8, characterHandles: ['char_1'] }), {
    method: 'POST',
    path: '/fal-ai/sora-2/text-to-video',
    body: {
      type: 'json',
      value: {
        prompt: 'a paper boat',
        duration: 8,
        aspect_ratio: '16:9',
        resolution: '720p',
        character_ids: ['char_1'],
      },
    },
  })
  t.match(dialect.create.encode({ ...withImage, model }), {
    path: '/fal-ai/sora-2/image-to-video',
    body: { value: { image_url: image.url } },
  })
  const queued = { request_id: 'r1', status_url: 'https://queue.fal.run/x', queue_position: 0 }
  const outcome = dialect.create.decode(recorded(200, queued), { ...plain, model })
  const operation = { id: 'r1', app: 'fal-ai/sora-2' }
  t.match(outcome, { type: 'accepted', job: { upstreamId: 'r1', operation } })
  t.match(dialect.poll.encode(operation), { path: '/fal-ai/sora-2/requests/r1/status' })
  checkPolls(
    t,
    dialect,
    [
      ['queued', 202, { status: 'IN_QUEUE', queue_position: 3 }, { type: 'running', status: 'IN_QUEUE' }],
      [
        'failed, and completed',
        200,
        { status: 'COMPLETED', error: 'boom', error_type: 'runner_error' },
        { type: 'failed' },
      ],
      [
        'refused',
        200,
        { status: 'COMPLETED', error: 'no', error_type: 'content_policy_violation' },
        { type: 'refused' },
      ],
    ],
    operation,
  )
  const second = followUp(dialect.poll.decode(recorded(200, { status: 'COMPLETED' }), operation))
  t.match(second.call, { method: 'GET', path: '/fal-ai/sora-2/requests/r1' })
  const rows: Row[] = [
    [
      'the result',
      200,
      { video: { url: 'https://v3.fal.media/v.mp4' }, video_id: 'v' },
      { result: { url: 'https://v3.fal.media/v.mp4' } },
    ],
    [
      'refused in the result',
      422,
      { detail: [{ msg: 'no', type: 'content_policy_violation' }] },
      { type: 'refused' },
    ],
    ['failed in the result', 422, { detail: [{ msg: 'bad size', type: 'value_error' }] }, { type: 'failed' }],
    ['not there', 404, { detail: 'Request not found' }, { type: 'unreadable' }],
    ['an outage', 503, '', { type: 'unreachable' }],
  ]
  for (const [what, status, body, expected] of rows)
    t.match(second.decode(recorded(status, body)), expected, what)
  const { character: calls } = dialect
  t.match(calls?.encode(character), {
    path: '/fal-ai/sora-2/characters',
    body: { value: { video_url: clip.url, name: 'amber' } },
  })
  t.equal(dialect.mention({ handle: 'char_1', name: 'amber' }), 'amber', 'by its name, verbatim')
  const done = followUp(calls!.poll!.decode(recorded(200, { status: 'COMPLETED' }), { id: 'r2' }))
  t.match(done.call, { path: '/fal-ai/sora-2/requests/r2' })
  t.same(done.decode(recorded(200, { id: 'char_1', name: 'amber' })), { type: 'ready', handle: 'char_1' })
})

t.test('wavespeed', async (t) => {
  const dialect = preset('wavespeed')
  t.match(dialect.create.encode({ ...plain, model: 'openai/sora-2/text-to-video' }), {
    path: '/api/v3/openai/sora-2/text-to-video',
    body: { value: { prompt: 'a paper boat', duration: 10, size: '1280*720', characters: undefined } },
  })
  checkCreates(t, dialect, [
    [
      'the prediction',
      200,
      { code: 200, data: { id: 'p1', status: 'created' } },
      { job: { upstreamId: 'p1' } },
    ],
    ['a refusal', 400, { code: 1200, message: 'sensitive' }, { type: 'refused' }],
    ['a picture that cannot be fetched', 400, { code: 1402, message: 'unreachable' }, { type: 'invalid' }],
  ])
  t.match(dialect.poll.encode({ id: 'p1' }), { path: '/api/v3/predictions/p1/result' })
  checkPolls(t, dialect, [
    ['processing', 200, prediction({ status: 'processing', outputs: [] }), { type: 'running' }],
    [
      'done',
      200,
      prediction({ status: 'completed', outputs: ['https://x.example/v.mp4'] }),
      { result: { url: 'https://x.example/v.mp4' } },
    ],
    ['refused', 200, prediction({ status: 'failed', error: 'flagged', code: 1200 }), { type: 'refused' }],
    ['timed out', 200, prediction({ status: 'timeout', error: '' }), { type: 'failed', retryable: true }],
    ['cancelled', 200, prediction({ status: 'cancelled' }), { type: 'failed', message: /cancelled/ }],
  ])
  const made = prediction({ status: 'completed', outputs: [{ id: 'char_1', name: 'amber' }] })
  t.same(dialect.character?.poll?.decode(recorded(200, made), { id: 'p2' }), {
    type: 'ready',
    handle: 'char_1',
  })
  const inText = prediction({ status: 'completed', outputs: ['[{"id":"char_1"}]'] })
  t.same(dialect.character?.poll?.decode(recorded(200, inText), { id: 'p2' }), {
    type: 'ready',
    handle: 'char_1',
  })
})

t.test('volc-asset', async (t) => {
  const dialect = preset('volc-asset')
  t.match(
    json(
      dialect.create.encode({ ...withImage, model: 'seedance', characterHandles: ['asset-1', 'asset-2'] }),
    ),
    {
      value: {
        model: 'seedance',
        content: [
          { type: 'text', text: 'a paper boat' },
          { type: 'video_url', role: 'reference_video', video_url: { url: 'asset://asset-1' } },
          { type: 'video_url', role: 'reference_video', video_url: { url: 'asset://asset-2' } },
          { type: 'image_url', role: 'reference_image', image_url: { url: image.url } },
        ],
        resolution: '720p',
        ratio: '16:9',
        duration: 10,
      },
    },
  )
  t.equal(dialect.mention({ handle: 'asset-2', name: 'amber', position: 2 }), '@video2 ')
  checkCreates(t, dialect, [
    [
      'the job, and what it runs',
      200,
      { id: 'cgt-1', task_id: 'cgt-1', model: 'seedance', status: '' },
      { job: { upstreamId: 'cgt-1', model: 'seedance' } },
    ],
  ])
  checkPolls(t, dialect, [
    ['queuing', 200, assetTask({ status: 'QUEUING', progress: '0%' }), { type: 'running', progress: 0 }],
    [
      'done',
      200,
      assetTask({ status: 'SUCCESS', data: { content: { video_url: 'https://x.example/v.mp4' } } }),
      { result: { url: 'https://x.example/v.mp4', expiresAt: receivedAt + 86_400_000 } },
    ],
    ['failed', 200, assetTask({ status: 'FAILED', fail_reason: 'asset is not found' }), { type: 'failed' }],
  ])
  const { character: calls } = dialect
  t.match(calls?.encode(character), {
    path: '/volc/asset/CreateAssetGroup',
    body: { value: { Name: 'amber' } },
  })
  const asset = followUp(calls!.decode(recorded(200, { Id: 'group-1' }), character))
  t.match(asset.call, {
    path: '/volc/asset/CreateAsset',
    body: { value: { GroupId: 'group-1', AssetType: 'Video', URL: clip.url } },
  })
  const operation = { group: 'group-1', id: 'asset-1' }
  t.match(asset.decode(recorded(200, { Id: 'asset-1' })), { type: 'pending', operation })
  t.match(calls?.poll?.encode(operation), { body: { value: { Filter: { GroupIds: ['group-1'] } } } })
  t.match(calls?.poll?.decode(recorded(200, assetItems('Processing')), operation), { type: 'pending' })
  t.same(calls?.poll?.decode(recorded(200, assetItems('Active')), operation), {
    type: 'ready',
    handle: 'asset-1',
  })
  const failed = assetItems('Failed', { Error: { Code: 'BadFace', Message: 'a real person' } })
  t.match(calls?.poll?.decode(recorded(200, failed), operation), {
    type: 'invalid',
    message: /a real person/,
  })
  t.match(calls?.decode(recorded(400, { error: { message: 'quota' } }), character), { type: 'invalid' })
})
