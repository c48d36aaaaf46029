import type { Json } from '../../../src/gateway/domain/json.ts'
import type { JobReport } from '../../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest } from '../../../src/gateway/ports/upstream.ts'
import type { BareUpstream } from '../../../src/gateway/upstreams/calls/http-upstream.ts'
import { connect } from './connect.ts'
import type { Profile, Subject } from './subject.ts'

const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'wan',
  prompt: 'a paper boat in the rain',
  durationSeconds: 5,
  size: '160x90',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

/** What the gateway's own upstream makes of a server: each case, with what came of it. */
export async function replayOf(profile: Profile, subject: Subject): Promise<Map<string, string>> {
  const { upstream, close } = connect(profile, subject.base)
  const outcomes = new Map<string, string>()
  try {
    await replayJobs(upstream, subject, outcomes)
    // The word and progress of a running job come from SGLang's engine, which is a stub.
    if (profile === 'sglang')
      for (const [what, outcome] of outcomes) outcomes.set(what, outcome.replace(/^running .*/, 'running'))
    await replayRefusals(upstream, outcomes)
  } finally {
    await close()
  }
  // No create: this server answers 401 and closes before a form has been read, and then no answer may arrive.
  const stranger = connect(profile, subject.base, 'another key')
  if (profile === 'vllm-omni')
    outcomes.set('a poll with another key', brief(await stranger.upstream.poll({ id: 'nope' })))
  await stranger.close()
  if (subject.severalWorkers !== null) {
    const shared = connect(profile, subject.severalWorkers)
    await replayWorkers(shared.upstream, outcomes)
    await shared.close()
  }
  return outcomes
}

async function replayJobs(upstream: BareUpstream, subject: Subject, outcomes: Map<string, string>) {
  const since = Date.now()
  const job = await accepted(upstream, plain)
  const broken = await accepted(upstream, plain)
  await subject.end(broken.id, 'breaks')
  const refused = await accepted(upstream, plain)
  await subject.end(refused.id, 'refuses')
  const stopped = await accepted(upstream, plain)
  outcomes.set('a create', `accepted model=${job.model}`)
  outcomes.set('a poll of a job that runs', brief(await upstream.poll(job.operation)))
  const early = await upstream.fetchVideo(job.operation, atEndpoint)
  outcomes.set('the video of a job that runs', early.type)
  outcomes.set('a cancel of a job that runs', brief(await upstream.cancel(stopped.operation)))
  outcomes.set('a poll of a cancelled job', brief(await upstream.poll(stopped.operation)))
  await subject.end(job.id, 'completes')
  const report = await upstream.poll(job.operation)
  outcomes.set('a poll of a finished job', brief(report))
  outcomes.set('its video', await videoOf(upstream, job.operation, report))
  outcomes.set('a poll of a failed job', brief(await upstream.poll(broken.operation)))
  outcomes.set('a poll of a job that its engine has refused', brief(await upstream.poll(refused.operation)))
  outcomes.set('the video of a failed job', (await upstream.fetchVideo(broken.operation, atEndpoint)).type)
  outcomes.set('the list', await listed(upstream, since, job.id))
  outcomes.set('a poll of an unknown job', brief(await upstream.poll({ id: 'nope' })))
  outcomes.set('the video of an unknown job', (await upstream.fetchVideo({ id: 'nope' }, atEndpoint)).type)
  outcomes.set('a cancel of a finished job', brief(await upstream.cancel(job.operation)))
  outcomes.set('a cancel of an unknown job', brief(await upstream.cancel({ id: 'nope' })))
}

const atEndpoint = { url: null, expiresAt: null }

async function replayRefusals(upstream: BareUpstream, outcomes: Map<string, string>) {
  const create = async (what: string, changes: Partial<CreateRequest>) =>
    outcomes.set(what, brief(await upstream.create({ ...plain, ...changes })))
  await create('a create for another model', { model: 'another' })
  await create('a create of an odd size', { size: '1000x999' })
  await create('a create of no size', { size: '0x0' })
  await create('a create of 600 seconds', { durationSeconds: 600 })
  await create('a create of half seconds', { durationSeconds: 4.5 })
  await create('a create of no seconds', { durationSeconds: 0 })
}

async function replayWorkers(upstream: BareUpstream, outcomes: Map<string, string>) {
  outcomes.set('several workers: a create', told(await upstream.create(plain)))
  outcomes.set('several workers: a poll', told(await upstream.poll({ id: 'nope' })))
  outcomes.set('several workers: the list', told(await upstream.listRecent(0)))
  outcomes.set('several workers: a cancel', told(await upstream.cancel({ id: 'nope' })))
}

async function accepted(upstream: BareUpstream, request: CreateRequest) {
  const outcome = await upstream.create(request)
  if (outcome.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`)
  const { upstreamId: id, operation, model } = outcome.job
  return { id, operation, model }
}

async function videoOf(upstream: BareUpstream, operation: Json, report: JobReport) {
  if (report.type !== 'completed') return 'none'
  const fetched = await upstream.fetchVideo(operation, report.result)
  if (fetched.type !== 'body') return fetched.type
  let bytes = 0
  for await (const chunk of fetched.body) bytes += chunk.length
  return `${fetched.contentType}, ${bytes > 0 && fetched.bytes === bytes ? 'whole' : 'cut'}`
}

async function listed(upstream: BareUpstream, since: number, id: string): Promise<string> {
  const list = await upstream.listRecent(since)
  if (list.type !== 'listed') return list.type
  const entry = list.jobs.find(({ upstreamId }) => upstreamId === id)
  if (entry === undefined) return 'without the job'
  const { model, prompt, seconds, size } = entry
  return `${list.complete ? 'whole' : 'partial'}: ${model} ${seconds} ${size} ${prompt === null ? 'no prompt' : 'prompt'}`
}

/** An outcome without what differs from run to run, and without the vendor's words. */
function brief(outcome: object): string {
  const kept = ['type', 'status', 'progress', 'elsewhere', 'modelGone', 'retryable', 'model', 'unexplained']
  return Object.entries(outcome)
    .filter(([key]) => kept.includes(key))
    .map(([key, value]) => (key === 'type' ? String(value) : `${key}=${String(value)}`))
    .join(' ')
}

function told(outcome: { type: string; message?: string }): string {
  return `${outcome.type}: ${outcome.message ?? ''}`
}
