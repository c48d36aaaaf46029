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

const kieRecord = (data: object) => ({ code: 200, msg: 'success', data: { taskId: 'task_1', ...data } })

const grsaiResult = (data: object) => ({ code: 0, msg: 'success', data: { id: 'g1', results: [], ...data } })

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
