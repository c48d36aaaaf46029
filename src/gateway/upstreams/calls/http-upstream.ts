import type { CreateOutcome, JobReport } from '../../domain/attempts/outcome.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { Dialect } from '../dialect.ts'
import { addressesIn, createJob } from './create-job.ts'
import { pollJob } from './poll-job.ts'
import { probeCall } from './probe-call.ts'
import type { Send } from './follow-up.ts'
import { cancelJob } from './cancel-job.ts'
import { createHttpCharacters } from './http-characters.ts'
import { listRecent } from './list-recent.ts'
import { toldDownload } from './download-note.ts'
import { toldOf } from './exchange-note.ts'
import { createPublicMessage } from '../public-message.ts'
import { createRedaction } from './redaction.ts'
import type { UpstreamSettings } from '../settings.ts'
import { nowhere } from '../transport/guard/outside-send.ts'
import type { OutsideSend } from '../transport/guard/outside-send.ts'
import type { Transport } from '../transport/transport.ts'
import { firstVideo, videoFetchOf } from './video-fetch.ts'

/** An upstream without breakers. */
export type BareUpstream = Omit<Upstream, 'breakers' | 'resetBreaker' | 'outages' | 'account'>

/** The maximum number of distinct unknown statuses logged per upstream, in case a vendor sends arbitrary values. */
const maxLoggedWords = 50

/** A dialect over a transport. All vendor texts in an outcome (message, status, model) are redacted and shortened here. */
export function createHttpUpstream(
  settings: UpstreamSettings,
  {
    dialect,
    transport,
    outside = nowhere,
    clock,
    logger,
  }: { dialect: Dialect; transport: Transport; outside?: OutsideSend; clock: Clock; logger: Logger },
): BareUpstream {
  const { spec, timeouts } = settings
  const idempotencyHeader = settings.idempotencyHeader ?? dialect.idempotencyHeader ?? null
  const redact = createRedaction(secretsOf(settings, dialect))
  const toPublic = createPublicMessage(redact)
  const clean = cleaner(toPublic)
  const cleanModel = (model: string | null) => (model === null ? null : toPublic(model))
  const send: Send = async (call, deadlineMs) => {
    const { to } = call
    const result =
      to === undefined
        ? await transport.send(call, deadlineMs)
        : await outside.send({ ...call, to }, deadlineMs)
    return result.type === 'answer' ? { ...result, receivedAt: clock.now() } : result
  }
  const told = toldOf(send, { redact, now: () => clock.now() })
  const download = toldDownload((target) => transport.download(target), { redact, now: () => clock.now() })
  const noteStatus = createStatusNote(dialect, (status) =>
    logger.warn({ upstream: spec.id, status: toPublic(status) }, 'unknown job status; assuming running'),
  )
  const characters = createHttpCharacters(dialect.character, told, timeouts)

  return {
    spec,
    deduplicates: idempotencyHeader !== null,
    mention: (character) => dialect.mention(character),
    ...(dialect.imageMention !== undefined && { imageMention: dialect.imageMention }),
    async create(request, note, heldBack = () => null): Promise<CreateOutcome> {
      const sendCreate = told('create', note, addressesIn(request))
      const options = { timeoutMs: timeouts.createMs, idempotencyHeader, heldBack }
      const outcome = await createJob(dialect, sendCreate, options, request)
      if (outcome.type !== 'accepted') return clean(outcome)
      return { ...outcome, job: { ...outcome.job, model: cleanModel(outcome.job.model) } }
    },
    ...namedJobs(dialect),
    async poll(operation, note): Promise<JobReport> {
      const report = await pollJob(dialect, told('poll', note), timeouts.pollMs, operation)
      if (report.type === 'completed') return { ...report, model: cleanModel(report.model) }
      if (report.type !== 'running') return clean(report)
      noteStatus(report.status)
      return { ...report, status: toPublic(report.status) }
    },
    async fetchVideo(operation, result, note) {
      const { targets, expiresAt } = dialect.locate(operation, result)
      const found = await firstVideo(targets, async (target) =>
        videoFetchOf(await download(target, note), { expiresAt, now: clock.now() }),
      )
      return clean(found)
    },
    cancel: async (operation, note) =>
      clean(await cancelJob(dialect, told('cancel', note), timeouts.pollMs, operation)),
    async listRecent(since, note) {
      if (dialect.list === null) return { type: 'unsupported' }
      const sendList = told('list', note)
      return clean(await listRecent(dialect.list, since, (call) => sendList(call, timeouts.pollMs)))
    },
    probe: () =>
      Promise.all((dialect.probes ?? []).map((each) => probeCall(each, send, timeouts.pollMs, toPublic))),
    createCharacter: async (request, note) => clean(await characters.create(request, note)),
    pollCharacter: async (operation, note) => clean(await characters.poll(operation, note)),
  }
}

function cleaner(toPublic: (text: string) => string) {
  return <T extends object>(outcome: T): T =>
    'message' in outcome && typeof outcome.message === 'string'
      ? { ...outcome, message: toPublic(outcome.message) }
      : outcome
}

function namedJobs({ jobOf, jobNamed }: Dialect): Pick<Upstream, 'jobOf' | 'jobNamed'> {
  return { jobNamed, ...(jobOf !== undefined && { jobOf }) }
}

/** Calls `log` once for each status word that the dialect does not know. */
function createStatusNote(dialect: Dialect, log: (status: string) => void): (status: string) => void {
  const logged = new Set<string>()
  return (status) => {
    if (dialect.knowsStatus(status) || logged.has(status) || logged.size >= maxLoggedWords) return
    logged.add(status)
    log(status)
  }
}

/** Headers whose values are public in any request. */
const plainHeaders = /^(accept|content|user-agent|cache)|version$/i
/** Values such as `0` or `true` are not secrets, and redacting them would damage every message. */
const shortestHeader = 8

/** The secrets in requests to this upstream, which must not be recorded. */
function secretsOf({ apiKey, keyPair = null, headers }: UpstreamSettings, dialect: Dialect): string[] {
  const own = { ...dialect.headers?.(apiKey), ...headers }
  const values = Object.entries(own).flatMap(([name, value]) =>
    plainHeaders.test(name) || value.length < shortestHeader ? [] : [value],
  )
  const pair = keyPair === null ? [] : [keyPair.accessKey, keyPair.secretKey]
  return [...(apiKey === null ? [] : [apiKey]), ...pair, ...values]
}
