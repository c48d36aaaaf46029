import t from 'tap'
import type { CreateRequest, CreateSource } from '../../src/gateway/ports/upstream.ts'
import { decodeDerive, deriveCall } from '../../src/gateway/upstreams/openai-videos/derive.ts'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import type { ProfileName } from '../../src/gateway/upstreams/openai-videos/traits.ts'
import { answer, mediaSource, settings } from './fixtures.ts'

const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'at dusk',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const media = mediaSource(Buffer.from('clip'), 'video/mp4', 'clip.mp4')

function partsOf(source: CreateSource, sources: 'all' | 'remix' = 'all'): unknown {
  const call = deriveCall(request, source, { sources })
  if ('type' in call) return call
  const { path, body } = call
  if (body?.type !== 'multipart') return { path, body }
  return { path, parts: body.parts.map((part) => ('value' in part ? [part.name, part.value] : [part.name])) }
}

function derives(profile: ProfileName, traits = {}): boolean {
  return createOpenaiVideos(settings({ traits }), profile).derive !== undefined
}

t.test('what the upstream holds goes by its id, as JSON', async (t) => {
  const held = { id: 'sora-2:video_1' }
  t.same(partsOf({ kind: 'remix', held }), {
    path: '/videos/sora-2%3Avideo_1/remix',
    body: { type: 'json', value: { prompt: 'at dusk' } },
  })
  t.same(partsOf({ kind: 'edit', held }), {
    path: '/videos/edits',
    body: { type: 'json', value: { prompt: 'at dusk', video: held } },
  })
  t.same(partsOf({ kind: 'extension', held }), {
    path: '/videos/extensions',
    body: { type: 'json', value: { prompt: 'at dusk', seconds: '8', video: held } },
  })
})

t.test('a file goes along as a part, and a remix of a file is an edit', async (t) => {
  const edit = { path: '/videos/edits', parts: [['prompt', 'at dusk'], ['model', 'sora-2'], ['video']] }
  t.same(partsOf({ kind: 'edit', media }), edit)
  t.same(partsOf({ kind: 'remix', media }), edit)
  t.same(partsOf({ kind: 'extension', media }), {
    path: '/videos/extensions',
    parts: [['prompt', 'at dusk'], ['seconds', '8'], ['video']],
  })
})

t.test('a server that only remixes is asked for nothing but a remix of a video it holds', async (t) => {
  const held = { id: 'video_1' }
  t.match(partsOf({ kind: 'remix', held }, 'remix'), { path: '/videos/video_1/remix' })
  t.match(partsOf({ kind: 'remix', media }, 'remix'), { type: 'unsupported' })
  t.match(partsOf({ kind: 'edit', held }, 'remix'), { type: 'unsupported' })
  t.match(partsOf({ kind: 'extension', held }, 'remix'), { type: 'unsupported' })
})

t.test('which calls a server has goes by its profile, or by its trait', async (t) => {
  t.ok(derives('openai'))
  t.ok(derives('azure'))
  t.notOk(derives('vllm-omni'))
  t.ok(derives('vllm-omni', { sources: 'all' }))
  t.notOk(derives('openai', { sources: 'none' }))
})

t.test(
  'a source that is gone or not taken there is no fault of the upstream: another may take the file',
  async (t) => {
    const error = (status: number, message: string) =>
      decodeDerive(
        answer({
          status,
          body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
        }),
        request,
        { createServerError: 'unknown' },
      )
    t.match(error(404, "Video with id 'video_1' not found."), { type: 'invalid', elsewhere: true })
    t.match(error(400, 'The source video must be completed.'), { type: 'invalid', elsewhere: true })
    t.match(error(500, 'oops'), { type: 'unknown' })
    t.match(
      decodeDerive(answer({ status: 200, body: { id: 'video_2' } }), request, {
        createServerError: 'unknown',
      }),
      {
        type: 'accepted',
        job: { upstreamId: 'video_2' },
      },
    )
  },
)
