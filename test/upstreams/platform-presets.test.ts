import t from 'tap'
import { receivedAt } from './fixtures.ts'
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
  followUp,
} from './preset-fixtures.ts'
import type { Row } from './preset-fixtures.ts'

const prediction = (data: object) => ({ code: 200, message: 'success', data: { id: 'p1', ...data } })

const assetTask = (data: object) => ({ code: 'success', message: '', data: { task_id: 'cgt-1', ...data } })

const assetItems = (Status: string, more: object = {}) => ({
  Items: [
    { Id: 'other', Status: 'Active' },
    { Id: 'asset-1', Status, ...more },
  ],
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
    ['deleted', 200, prediction({ status: 'deleted' }), { type: 'failed', message: /deleted/ }],
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
