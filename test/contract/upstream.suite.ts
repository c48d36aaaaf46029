import type { Test } from 'tap'
import type { CharacterOutcome, Job } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, MediaSource, Upstream } from '../../src/gateway/ports/upstream.ts'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'

/** A vendor and the upstream that is configured for it; what the suite needs to see of the vendor, and to break. */
export interface UpstreamStage {
  upstream: Upstream
  /** Its own name for the model that is asked for. */
  model: string
  /** `reference`: a video is one. `image`: a picture is. `progress`: it tells how far a job is. */
  can: {
    /** `asked`: nothing proves it, and the next poll tells. */
    cancel: boolean | 'asked'
    /** `partial`: jobs are found in it, but it denies none. */
    list: 'whole' | 'partial' | false
    reference: boolean
    image: boolean
    characters: boolean
    /** A character's clip can travel with the create. */
    inline: boolean
    progress: boolean | 'zero'
    /** Whether it has status words of its own that may be new. Absent: yes. */
    words?: boolean
    /** Which calls start from a video of its own: remix, edit and extension, or the remix alone. */
    sources: 'all' | 'remix' | 'none'
    /** Who may fetch a result: none where the video is below an endpoint of the vendor, which always wants the key. */
    files: readonly Files[]
    /** Whether its errors come with their HTTP status, also where a file is due. */
    statusOnFiles: boolean
  }
  /** Replaces what is wrong with the vendor. */
  fault: (...faults: FaultInput[]) => void
  renders: () => Render[]
  /** Requests that reached the vendor. */
  requests: () => { create: number; poll: number; character_create: number }
  finish: (jobId: string) => void
  revokeCharacter: (handle: string) => void
  /** A clip of three seconds that the vendor can fetch and read. */
  clip: MediaSource
  /** A picture of the asked size that the vendor can fetch. */
  image: MediaSource
}

interface Render {
  id: string
  prompt: string
  seconds: number
  size: string
  characters: string[]
  reference: { kind: string; bytes: number | null } | null
  influenceStrength: number | null
  state: string
}

/** Anybody; the vendor's own key; a signature alone, which further credentials break. */
export type Files = 'open' | 'guarded' | 'signed'

export interface StageOptions {
  files?: Files
  createMs?: number
  createServerError?: 'unknown' | 'rejected'
}

const oddBodies = ['error', 'empty', 'text', 'cut', 'list'] as const
/** The job may be running and paid for. */
const saysNothing = { type: /^(unreachable|unreadable)$/ }

type Make = (t: Test, options?: StageOptions) => Promise<UpstreamStage>

const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat in the rain',
  durationSeconds: 5,
  size: '160x90',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

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

async function accepted(
  t: Test,
  { upstream, model }: UpstreamStage,
  changes: Partial<CreateRequest> = {},
): Promise<Job> {
  const outcome = await upstream.create({ ...plain, model, ...changes })
  if (outcome.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`)
  t.ok(outcome.job.upstreamId)
  return outcome.job
}

async function completed(upstream: Upstream, job: Job) {
  for (let polls = 0; polls < 5; polls += 1) {
    const report = await upstream.poll(job.operation)
    if (report.type === 'completed') return report
  }
  throw new Error('the job never completed')
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
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

async function createOutcomes(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, renders, requests } = stage
  const request = { ...plain, model: stage.model }
  const rows: [fault: FaultInput, outcome: object][] = [
    [
      { kind: 'rate_limited', retryAfterSeconds: 2 },
      { type: 'rejected', retryAfterMs: 2000 },
    ],
    [
      { kind: 'rate_limited', reason: 'concurrency' },
      { type: 'rejected', retryAfterMs: null },
    ],
    [{ kind: 'overloaded', wrapped: 'in_429' }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_200' }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_502' }, { type: 'rejected' }],
    [{ kind: 'down' }, { type: 'rejected' }],
    [{ kind: 'unauthorized' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'insufficient_quota' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'billing_hard_limit_reached' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'insufficient_credits' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'not_found' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'paused' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'paused_in_200' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'invalid_url' }, { type: 'upstream_down' }],
    [{ kind: 'html' }, { type: 'upstream_down' }],
    [
      { kind: 'invalid_value', param: 'seconds' },
      { type: 'invalid', elsewhere: true },
    ],
    [
      { kind: 'invalid_value', param: 'prompt' },
      { type: 'invalid', elsewhere: false },
    ],
    [{ kind: 'character_invalid', code: 'cameo_not_found' }, { type: 'character_invalid' }],
    [{ kind: 'character_invalid' }, { type: 'character_invalid' }],
    [{ kind: 'refused', status: 400 }, { type: 'refused' }],
    [{ kind: 'refused', status: 403 }, { type: 'refused' }],
    [{ kind: 'refused', status: 451, code: 'prompt_unsafe' }, { type: 'refused' }],
    [{ kind: 'server_error', status: 500 }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 502, body: 'html' }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 504, body: 'empty' }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 524, body: 'html' }, { type: 'unknown' }],
  ]
  for (const [each, outcome] of rows) {
    fault(each)
    t.match(await upstream.create(request), outcome, JSON.stringify(each))
  }
  fault()
  t.match(await upstream.create({ ...request, prompt: 'something forbidden' }), { type: 'refused' })
  t.equal(requests().create, rows.length + 1, 'each of them was sent once')
  t.same(renders(), [], 'and nothing was rendered')
}

async function lostAnswers(t: Test, make: Make) {
  const stage = await make(t, { createMs: 300 })
  const { upstream, fault, renders, requests, can } = stage
  const request = { ...plain, model: stage.model }
  const since = Date.now()
  const made: FaultInput[] = [
    { kind: 'reset', accepted: true },
    { kind: 'no_id' },
    { kind: 'server_error', accepted: true },
    ...oddBodies.map((body): FaultInput => ({ kind: 'odd_body', body, on: ['create'], accepted: true })),
  ]
  for (const each of made) {
    fault(each)
    t.match(await upstream.create(request), { type: 'unknown' }, JSON.stringify(each))
  }
  const unmade: FaultInput[] = [{ kind: 'reset' }, { kind: 'down', answer: 'destroy' }]
  for (const each of unmade) {
    fault(each)
    t.match(await upstream.create(request), { type: 'unknown' }, JSON.stringify(each))
  }
  // At the same time, because they last: one of them is made, and the other is not.
  fault({ kind: 'hang', accepted: true, times: 1 }, { kind: 'hang', times: 1 })
  const hung = await Promise.all([upstream.create(request), upstream.create(request)])
  t.match(hung, [{ type: 'unknown' }, { type: 'unknown' }], 'no answer in time')
  fault()
  t.equal(renders().length, made.length + 1, 'a job whose answer was lost is not made again')
  t.equal(requests().create, made.length + unmade.length + hung.length, 'and no create is repeated')

  const listed = await upstream.listRecent(since)
  if (!can.list) {
    t.same(listed, { type: 'unsupported' })
    return
  }
  t.match(listed, { type: 'listed', complete: can.list === 'whole' })
  const jobs = listed.type === 'listed' ? listed.jobs : []
  t.same(new Set(jobs.map((job) => job.upstreamId)), new Set(renders().map(({ id }) => id)))
  for (const job of jobs) {
    t.ok(job.prompt === null || job.prompt === request.prompt)
    t.match(await upstream.poll(job.operation), { type: 'running' }, 'a listed job can be polled')
  }
}

async function definiteErrors(t: Test, make: Make) {
  const stage = await make(t, { createServerError: 'rejected' })
  const { upstream, fault } = stage
  const request = { ...plain, model: stage.model }
  fault({ kind: 'server_error', status: 500 })
  t.match(await upstream.create(request), { type: 'rejected' }, 'with an error body of the vendor')
  for (const body of ['html', 'empty'] as const) {
    fault({ kind: 'server_error', status: 502, body })
    t.match(await upstream.create(request), { type: 'unknown' }, `but not with ${body}`)
  }
  fault({ kind: 'reset' })
  t.match(await upstream.create(request), { type: 'unknown' }, 'and not without an answer')
}

async function pollReports(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, finish, can } = stage
  fault({ kind: 'stuck', progress: 99 })
  const job = await accepted(t, stage)
  const rows: [fault: FaultInput, report: object][] = [
    [
      { kind: 'odd_status', word: 'archiving' },
      { type: 'running', status: 'archiving' },
    ],
    [{ kind: 'vanished' }, { type: 'not_found' }],
    ...oddBodies.map((body): [FaultInput, object] => [{ kind: 'odd_body', body }, saysNothing]),
    [{ kind: 'html', on: ['poll'] }, { type: 'unreadable' }],
    [{ kind: 'overloaded', wrapped: 'in_200', on: ['poll'] }, { type: 'unreachable' }],
    [
      { kind: 'rate_limited', retryAfterSeconds: 3, on: ['poll'] },
      { type: 'unreachable', retryAfterMs: 3000 },
    ],
    [{ kind: 'server_error', on: ['poll'] }, { type: 'unreachable' }],
    [{ kind: 'unauthorized' }, { type: 'unreachable' }],
    [{ kind: 'model_gone', variant: 'invalid_url', on: ['poll'] }, { type: /^(unreachable|unreadable)$/ }],
    [{ kind: 'reset', on: ['poll'] }, { type: 'unreachable' }],
    [{ kind: 'down' }, { type: 'unreachable' }],
  ]
  for (const [each, report] of rows) {
    if (each.kind === 'odd_status' && can.words === false) continue
    fault(each)
    t.match(await upstream.poll(job.operation), report, JSON.stringify(each))
  }
  for (const style of ['float', 'fraction', 'percent', 'missing', 'regress'] as const) {
    fault({ kind: 'odd_progress', style })
    const report = await upstream.poll(job.operation)
    const progress = report.type === 'running' ? report.progress : Number.NaN
    const isPercent = progress === null || (Number.isInteger(progress) && progress >= 0 && progress <= 100)
    t.ok(isPercent, `${style} progress reads as ${progress}`)
  }
  fault()
  t.match(
    await upstream.poll(job.operation),
    { type: 'running', progress: can.progress === 'zero' ? 0 : can.progress ? 99 : null },
    'after all that it still runs',
  )
  finish(job.upstreamId)
  fault({ kind: 'odd_body', on: ['poll', 'result'] })
  t.match(await upstream.poll(job.operation), saysNothing, 'an error in place of the result')
  fault({ kind: 'no_url' })
  const late = await upstream.poll(job.operation)
  if (late.type === 'completed') {
    const fetched = await upstream.fetchVideo(job.operation, late.result)
    t.ok(fetched.type === 'body' && (await bytesOf(fetched.body)).length > 0, 'without a URL it is elsewhere')
  } else t.match(late, { type: 'unreadable' }, 'without a URL there is nothing to fetch')
  fault()
  t.match(await upstream.poll(job.operation), { type: 'completed' }, 'the URL came late')

  fault({ kind: 'fails_late' })
  const failing = await accepted(t, stage)
  await upstream.poll(failing.operation)
  t.match(await upstream.poll(failing.operation), { type: 'failed', retryable: true, message: /heavy load/ })
  fault()
  const refused = await accepted(t, stage, { prompt: 'forbidden-late' })
  await upstream.poll(refused.operation)
  t.match(await upstream.poll(refused.operation), { type: 'refused' })
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

/** Asks until the making has ended: some vendors make characters in jobs. */
async function ended(upstream: Upstream, begun: CharacterOutcome): Promise<CharacterOutcome> {
  let outcome = begun
  for (let polls = 0; outcome.type === 'pending' && polls < 6; polls += 1)
    outcome = await upstream.pollCharacter(outcome.operation)
  return outcome
}

const mossy = {
  name: 'mossy',
  description: 'a moss troll',
  span: { start: 0, end: 2 },
  fromJob: null,
}

async function characters(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests, revokeCharacter, clip, can } = stage
  const request = { ...plain, model: stage.model }
  const character = { ...mossy, clip }
  const begun = await upstream.createCharacter(character)
  if (!can.characters) {
    t.match(begun, { type: 'invalid' })
    t.equal(requests().character_create, 0)
    return
  }
  const made = await ended(upstream, begun)
  if (made.type !== 'ready') throw new Error(`no character: ${JSON.stringify(made)}`)
  const { handle } = made
  const prompt = `${upstream.mention({ handle, name: 'mossy' })} walks on the beach`
  const withHandle = { prompt, characterHandles: [handle] }
  const job = await accepted(t, stage, withHandle)
  t.match(renders(), [{ id: job.upstreamId, characters: [handle] }], 'the vendor rendered it')

  revokeCharacter(handle)
  t.match(await upstream.create({ ...request, ...withHandle }), { type: 'character_invalid' })

  await completed(upstream, job)
  const again = await upstream.createCharacter({ ...character, fromJob: job.operation })
  t.match(await ended(upstream, again), { type: 'ready' }, 'from a finished job, or its clip')
  const lost = await upstream.createCharacter({
    ...character,
    fromJob: { ...jobOf(job), id: 'task_unknown' },
  })
  // Where a job makes it, the vendor only finds out later that the source is gone.
  if (lost.type === 'ready') t.match(lost, { type: 'ready' }, 'from the clip, when the job is gone')
  else t.match(await ended(upstream, lost), { type: /^(ready|invalid|unknown)$/ }, lost.type)
}

async function makings(t: Test, make: Make) {
  const { upstream, fault, requests, clip, can } = await make(t)
  if (!can.characters) return
  const character = { ...mossy, clip }
  const on: 'character_create'[] = ['character_create']
  const rows: [fault: FaultInput, outcome: object][] = [
    [{ kind: 'reset', accepted: true, on }, { type: 'unknown' }],
    [{ kind: 'server_error', accepted: true, on }, { type: 'unknown' }],
    ...oddBodies.map((body): [FaultInput, object] => [
      { kind: 'odd_body', body, accepted: true, on },
      { type: 'unknown' },
    ]),
    [{ kind: 'rate_limited', on }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_200', on }, { type: 'rejected' }],
    [{ kind: 'unauthorized' }, { type: 'upstream_down' }],
    [{ kind: 'html', on }, { type: 'upstream_down' }],
  ]
  for (const [each, outcome] of rows) {
    fault(each)
    t.match(await upstream.createCharacter(character), outcome, JSON.stringify(each))
  }
  t.ok(requests().character_create <= rows.length, 'no creation is repeated')
  fault()
  const refused = await upstream.createCharacter({ ...character, name: 'forbidden', ...forbidden(clip) })
  t.match(refused, { type: 'refused' })

  fault({ kind: 'character_fails' })
  const begun = await upstream.createCharacter(character)
  if (begun.type !== 'pending') return
  for (const each of ['server_error', 'html', 'odd_body', 'rate_limited', 'reset'] as const) {
    fault({ kind: each, on: ['character_read', 'poll'] })
    t.match(await upstream.pollCharacter(begun.operation), { type: /^(unknown|rejected|pending)$/ }, each)
  }
  fault()
  t.match(await ended(upstream, begun), { type: /^(rejected|invalid)$/ }, 'the vendor could not make it')
  fault({ kind: 'character_fails', code: 'content_policy_violation' })
  t.match(await ended(upstream, await upstream.createCharacter(character)), { type: 'refused' })
}

/** Vendors that are told no name judge the address. */
function forbidden(clip: MediaSource): { clip: MediaSource } {
  return { clip: { ...clip, url: `${clip.url}&label=forbidden` } }
}

async function inlineCharacters(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests, clip, can } = stage
  const { name, span, fromJob } = mossy
  const prompt = `${upstream.mention({ handle: name, name })} walks on the beach`
  const request = {
    ...plain,
    model: stage.model,
    prompt,
    inlineCharacters: [{ name, span, fromJob, clip }],
  }
  const outcome = await upstream.create(request)
  if (!can.inline) {
    t.match(outcome, { type: 'invalid', elsewhere: true })
    t.equal(requests().create, 0, 'it is not dropped in silence')
    return
  }
  t.match(outcome, { type: 'accepted' })
  t.match(renders(), [{ prompt, characters: [/^ch_/] }], 'the vendor made it')
  const two = { ...request, inlineCharacters: [...request.inlineCharacters, ...request.inlineCharacters] }
  t.match(await upstream.create(two), { type: 'invalid', elsewhere: true }, 'one at a time')
  t.equal(requests().create, 1)
}

function jobOf({ operation }: Job): object {
  return typeof operation === 'object' && operation !== null ? operation : {}
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
