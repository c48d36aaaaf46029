import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import { GenerationSummary } from '../../src/gateway/http/schemas/generations/generation-summary.ts'
import { GenerationDto, toGenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import { createdAt, generationId, sampleAttempt, sampleGeneration } from './samples.ts'
import { asMaker, createStubs, listen, serve } from './stub-services.ts'

const path = `/generations/${generationId}`

t.test('a finished generation shows what it cost, what it may still cost, and how it was made', async (t) => {
  const generation = sampleGeneration({
    status: 'completed',
    progress: 100,
    attempts: [
      sampleAttempt(),
      sampleAttempt({
        state: 'abandoned',
        costState: 'reserved',
        reservedMicros: 120_000,
        failure: null,
        endedAt: null,
      }),
      sampleAttempt({
        upstream: 'openai',
        kind: 'official',
        state: 'succeeded',
        fidelity: 'reference',
        costMicros: 1_000_000,
        failure: null,
      }),
    ],
    warnings: [{ code: 'character_reference_used', detail: 'by reference' }],
    video: {
      mediaId: 'media_1',
      contentType: 'video/mp4',
      bytes: 123,
      sha256: 'ab'.repeat(32),
      durationSeconds: 12,
      width: 1280,
      height: 720,
      expiredAt: null,
    },
    completedAt: createdAt + 1,
  })
  const dto = toGenerationDto(generation)
  t.strictSame(GenerationDto.parse(dto), dto, 'keeps to its schema')
  t.match(dto, {
    cost_usd: 1,
    reserved_cost_usd: 0.12,
    characters: [{ name: 'coffee_girl', fidelity: 'reference' }],
    attempts: [
      {
        cost_usd: 0,
        cost_state: 'settled',
        failure: { code: 'overloaded', message: 'HTTP 429', fallback: true },
      },
      { cost_usd: 0.12, cost_state: 'reserved', ended_at: null },
      { cost_usd: 1, prompt: '@cafe.girl7 walks' },
    ],
    video: { url: `${path}/video`, bytes: 123 },
    created_at: '2026-11-22T15:04:05.000Z',
    completed_at: '2026-11-22T15:04:05.001Z',
  })
  t.notMatch(JSON.stringify(dto), /secret|standby|media_1|their-sora|retryAfter/, 'and nothing of the inside')
})

t.test('a failed generation says why', async (t) => {
  const error = { code: 'content_refused', message: 'refused by the moderation of reseller-a' } as const
  const dto = toGenerationDto(sampleGeneration({ status: 'failed', error, completedAt: createdAt }))
  t.strictSame(GenerationDto.parse(dto), dto)
  t.strictSame(dto.error, error)
  t.equal(dto.video, null)
})

t.test('lists are pages that say where the next one begins', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject({
    url: `/generations?status=queued&limit=7&cursor=${generationId}`,
    headers: asMaker,
  })
  t.match(answer.json(), { data: [{ id: generationId }], has_more: true, next_cursor: generationId })
  await app.inject({ url: '/generations?order=oldest', headers: asMaker })
  const listing = { filter: everyGeneration, before: null, oldestFirst: true, limit: 20 }
  const queued = { ...everyGeneration, status: 'queued' }
  t.strictSame(stubs.seen.calls, [
    `list ${JSON.stringify({ filter: queued, before: generationId, oldestFirst: false, limit: 7 })}`,
    `list ${JSON.stringify(listing)}`,
  ])
})

t.test('a summary has the members of a row, each with the value of the whole generation', async (t) => {
  const attempts = [
    sampleAttempt({ prompt: 'as it was sent', failure: null }),
    sampleAttempt({ upstream: 'openai', kind: 'official', state: 'succeeded', costMicros: 1_000_000 }),
  ]
  const error = { code: 'upstream_failed', message: 'words of the vendor' } as const
  const stubs = createStubs()
  stubs.views.list = async () => ({ data: [sampleGeneration({ attempts, error })], next: null })
  const app = await serve(t, stubs)
  const list = async (query: string) =>
    (await app.inject({ url: `/generations${query}`, headers: asMaker })).json().data[0]
  const [whole, summary] = [await list(''), await list('?fields=summary')]
  t.strictSame(GenerationSummary.parse(summary), summary, 'keeps to its schema')
  t.match(whole, summary, 'differs in nothing that it has')
  for (const left of ['as it was sent', 'words of the vendor', 'excluded', 'reason', 'characters'])
    t.ok(JSON.stringify(whole).includes(left) && !JSON.stringify(summary).includes(left), left)
  t.match((await app.inject({ url: '/generations?fields=some', headers: asMaker })).json(), { status: 400 })
})

t.test('the last page has no next one', async (t) => {
  const stubs = createStubs()
  stubs.views.list = async () => ({ data: [], next: null })
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: '/generations', headers: asMaker })
  t.strictSame(answer.json(), { data: [], has_more: false, next_cursor: null })
})

t.test('get, wait, cancel and delete reach the service', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answers = [
    await app.inject({ url: path, headers: asMaker }),
    await app.inject({ url: `${path}?wait=0`, headers: asMaker }),
    await app.inject({ url: `${path}?wait=1.5`, headers: asMaker }),
    await app.inject({ method: 'POST', url: `${path}/cancel`, headers: asMaker }),
    await app.inject({
      method: 'POST',
      url: `${path}/cancel`,
      headers: { ...asMaker, 'content-type': 'application/json' },
    }),
    await app.inject({ method: 'DELETE', url: path, headers: asMaker }),
  ]
  t.strictSame(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 200, 200, 204],
  )
  t.equal(answers.at(-1)?.body, '')
  const id = generationId
  t.strictSame(stubs.seen.calls, [
    `get ${id}`,
    `get ${id}`,
    `wait ${id} 1500`,
    `cancel ${id}`,
    `cancel ${id}`,
    `remove ${id}`,
  ])
})

/** A service whose `wait` lasts until its signal aborts, and what became of it. */
function endlessWait() {
  const stubs = createStubs()
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  stubs.generations.wait = async (_client, _id, _waitMs, signal) => {
    started.resolve()
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    ended.resolve()
    return sampleGeneration()
  }
  return { stubs, started: started.promise, ended: ended.promise }
}

t.test('a long poll ends when its caller leaves', async (t) => {
  const { stubs, started, ended } = endlessWait()
  const { url } = await listen(t, stubs)
  const leave = new AbortController()
  const call = fetch(`${url}${path}?wait=60`, { headers: asMaker, signal: leave.signal })
  await started
  leave.abort()
  await t.rejects(call)
  await ended
})

t.test('a long poll is answered when the server closes', async (t) => {
  const { stubs, started } = endlessWait()
  const { app, url } = await listen(t, stubs)
  const call = fetch(`${url}${path}?wait=60`, { headers: asMaker })
  await started
  await Promise.all([app.close(), t.resolves(call)])
  const answer = await call
  t.equal(answer.status, 200)
})

t.test('frames, references and settings are shown, and no addresses of files', async (t) => {
  const stubs = createStubs()
  const made = sampleGeneration()
  const picture = {
    mediaId: 'media_0',
    kind: 'image',
    contentType: 'image/png',
    width: 64,
    height: 36,
    durationSeconds: null,
  } as const
  const request = {
    ...made.request,
    firstFrame: picture,
    references: [{ ...picture, role: 'style', name: 'look', generationId: null } as const],
    audio: true,
    seed: 7,
    options: { kling: { mode: 'pro' } },
  }
  stubs.generations.get = async () => ({ ...made, request })
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: `/generations/${made.id}`, headers: asMaker })
  t.strictSame(answer.json().inputs, {
    first_frame: { content_type: 'image/png', width: 64, height: 36 },
    last_frame: null,
    references: [
      {
        kind: 'image',
        role: 'style',
        name: 'look',
        generation_id: null,
        content_type: 'image/png',
        width: 64,
        height: 36,
        duration: null,
      },
    ],
    audio: true,
    seed: 7,
    negative_prompt: null,
    resolution: null,
    aspect_ratio: null,
    options: { kling: { mode: 'pro' } },
  })
  t.notMatch(answer.body, /media_0/)
})
