import type { Test } from 'tap'
import { createOutcomes, definiteErrors, lostAnswers, pollReports } from './upstream-answers.suite.ts'
import { characters, inlineCharacters, makings } from './upstream-characters.suite.ts'
import { accepted, bytesOf, completed, plain } from './upstream-stage.ts'
import type { Make } from './upstream-stage.ts'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'

/** What every upstream guarantees, whatever its dialect, against a vendor that ends a job at its second poll. */
export function upstreamContract(t: Test, name: string, make: Make): void {
  t.test(`${name}: a job is made once, polled to its end and downloaded`, (t) => wholeJob(t, make))
  t.test(`${name}: what a create ends as`, (t) => createOutcomes(t, make))
  t.test(`${name}: a create without an answer`, (t) => lostAnswers(t, make))
  t.test(`${name}: a server error where it is configured as a definite no`, (t) => definiteErrors(t, make))
  t.test(`${name}: what a poll says`, (t) => pollReports(t, make))
  t.test(`${name}: what a download comes to`, (t) => downloads(t, make))
  t.test(`${name}: a download with credentials and without`, (t) => credentials(t, make))
  t.test(`${name}: cancelling`, (t) => cancelling(t, make))
  t.test(`${name}: characters`, (t) => characters(t, make))
  t.test(`${name}: the making of a character`, (t) => makings(t, make))
  t.test(`${name}: a character that travels with the create`, (t) => inlineCharacters(t, make))
  t.test(`${name}: a video that starts from another`, (t) => sources(t, make))
  t.test(`${name}: references`, (t) => references(t, make))
}

async function wholeJob(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests } = stage
  const request = { ...plain, model: stage.model }
  const job = await accepted(t, stage)
  t.match(renders(), [{ id: job.upstreamId, prompt: request.prompt, seconds: 5 }])
  t.match(await upstream.poll(job.operation), { type: 'running', status: String })
  const report = await completed(upstream, job)
  const fetched = await upstream.fetchVideo(job.operation, report.result)
  if (fetched.type !== 'body') throw new Error(`no video: ${fetched.message}`)
  const video = await bytesOf(fetched.body)
  t.equal(video.subarray(4, 8).toString(), 'ftyp', 'an MP4')
  t.equal(fetched.bytes, video.length)
  t.equal(fetched.contentType, 'video/mp4')
  t.equal(requests().create, 1)
  for (const view of Object.values(upstream.breakers())) t.same(view, { state: 'closed', retryAt: null })

  const stored: unknown = JSON.parse(JSON.stringify([job.operation, report.result]))
  t.same(stored, [job.operation, report.result], 'operation and result survive being stored')
}

async function downloads(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, can } = stage
  const job = await accepted(t, stage)
  const { result } = await completed(upstream, job)
  const rows: [fault: FaultInput, fetched: object][] = [
    [{ kind: 'not_ready' }, { type: 'not_ready' }],
    [{ kind: 'expired', status: 404 }, { type: 'gone' }],
    [{ kind: 'expired', status: 403 }, { type: 'gone' }],
    [{ kind: 'wrong_type', body: 'html' }, { type: 'not_media' }],
    [{ kind: 'wrong_type', body: 'json' }, { type: 'not_media' }],
    [{ kind: 'redirect', to: 'self' }, { type: 'unavailable' }],
    [{ kind: 'server_error', on: ['content'] }, { type: 'unavailable' }],
    [
      { kind: 'rate_limited', retryAfterSeconds: 1, on: ['content'] },
      can.statusOnFiles ? { type: 'unavailable', retryAfterMs: 1000 } : { type: 'not_media' },
    ],
    [{ kind: 'unauthorized', on: ['content'] }, { type: can.statusOnFiles ? 'unavailable' : 'not_media' }],
    [{ kind: 'reset', on: ['content'] }, { type: 'unavailable' }],
  ]
  for (const [each, fetched] of rows) {
    fault(each)
    t.match(await upstream.fetchVideo(job.operation, result), fetched, JSON.stringify(each))
  }
  fault({ kind: 'redirect' })
  const redirected = await upstream.fetchVideo(job.operation, result)
  t.equal(redirected.type === 'body' && (await bytesOf(redirected.body)).length, sizeOf(redirected))
  fault({ kind: 'truncated' })
  const truncated = await upstream.fetchVideo(job.operation, result)
  t.equal(truncated.type, 'body')
  if (truncated.type === 'body')
    await t.rejects(bytesOf(truncated.body), 'half a video is an error to its reader')
}

async function credentials(t: Test, make: Make) {
  const { can } = await make(t)
  for (const files of can.files) {
    const stage = await make(t, { files })
    const job = await accepted(t, stage)
    const { result } = await completed(stage.upstream, job)
    const fetched = await stage.upstream.fetchVideo(job.operation, result)
    if (fetched.type !== 'body') throw new Error(`${files}: no video: ${fetched.message}`)
    t.equal((await bytesOf(fetched.body)).length, fetched.bytes, `${files}: whole`)
  }
}

function sizeOf(fetched: { type: string; bytes?: number | null }): number | null {
  return fetched.bytes ?? null
}

async function cancelling(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, renders, can } = stage
  const job = await accepted(t, stage)
  const outcome = await upstream.cancel(job.operation)
  if (!can.cancel) {
    t.ok(outcome.type === 'unsupported' || outcome.type === 'not_cancelled', outcome.type)
    t.match(await upstream.poll(job.operation), { type: 'running' }, 'the job goes on')
    return
  }
  if (can.cancel === 'asked') {
    t.match(outcome, { type: 'not_cancelled' })
    t.match(await upstream.poll(job.operation), { type: /^(not_found|failed)$/ }, 'and the job has ended')
    return
  }
  t.same(outcome, { type: 'cancelled' })
  t.match(renders(), [{ state: 'deleted' }])
  t.match(await upstream.cancel(job.operation), { type: 'not_cancelled' }, 'a job it no longer knows')
  fault({ kind: 'reset', on: ['delete'] })
  t.match(await upstream.cancel(job.operation), { type: 'not_cancelled' })
}

async function sources(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, renders, requests, can } = stage
  const job = await accepted(t, stage)
  await completed(upstream, job)
  for (const kind of ['remix', 'edit', 'extension'] as const) {
    const before = requests().create
    const source = { kind, held: job.operation }
    const request = { ...plain, model: stage.model, durationSeconds: 4, source }
    const outcome = await upstream.create(request)
    if (can.sources === 'all' || (can.sources === 'remix' && kind === 'remix')) {
      if (outcome.type !== 'accepted') throw new Error(`${kind}: ${JSON.stringify(outcome)}`)
      t.match(renders().at(-1), { id: outcome.job.upstreamId }, `${kind}: the vendor makes it`)
      t.match(await upstream.poll(outcome.job.operation), { type: 'running' }, `${kind}: it can be polled`)
      fault({ kind: 'reset', accepted: true })
      t.match(await upstream.create(request), { type: 'unknown' }, `${kind}: its answer may be lost as well`)
      fault()
      continue
    }
    t.match(outcome, { type: 'invalid', elsewhere: true }, kind)
    t.equal(requests().create, before, `${kind}: nothing is sent`)
  }
}

async function references(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests, clip, image, can } = stage
  const request = { ...plain, model: stage.model }
  const given = (kind: 'image' | 'video', influence: number | null) => {
    const media = kind === 'image' ? image : clip
    return { ...request, reference: { kind, media, influence } }
  }
  for (const [kind, takes] of [
    ['video', can.reference],
    ['image', can.image],
  ] as const) {
    const before = requests().create
    const outcome = await upstream.create(given(kind, 0.8))
    t.match(outcome, takes ? { type: 'accepted' } : { type: 'invalid', elsewhere: true }, kind)
    if (!takes) t.equal(requests().create, before, `${kind}: nothing is sent`)
  }
  const shown = [...(can.reference ? ['video'] : []), ...(can.image ? ['image'] : [])]
  t.match(
    renders(),
    shown.map((kind) => ({ reference: { kind: new RegExp(`^(${kind}|image_url)$`) } })),
    'the vendor was shown it, or its address',
  )
}
