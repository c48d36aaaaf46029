import { z } from 'zod'
import type { SimulatedCharacter } from '../clips/character-book.ts'
import { faultSchema } from '../faults/fault.ts'
import type { FaultInput } from '../faults/fault.ts'
import type { FaultStatus } from '../faults/fault-list.ts'
import { statusOf } from '../jobs/job.ts'
import type { Job, JobFailure, Order } from '../jobs/job.ts'
import { messageOf } from '../jobs/moderation.ts'
import { toUsd } from './price.ts'
import type { JobState, WebhookTarget } from '../simulated-upstream.ts'
import { SimulatorError } from '../simulator-error.ts'
import type { RequestCounts, Vendor } from '../jobs/vendor.ts'
import type { WebhookRecord } from '../jobs/webhook-sender.ts'

/** One accepted create. Times are milliseconds since the epoch by the simulator's clock. */
interface RenderRecord extends Order {
  id: string
  upstream: string
  state: JobState | 'deleted'
  progress: number
  failure: JobFailure | null
  /** What the vendor has charged for it so far. */
  billedUsd: number
  createdAt: number
  endedAt: number | null
}

interface Bill {
  totalUsd: number
  upstreams: Record<string, { accepted: number; completed: number; failed: number; billedUsd: number }>
}

/** Controls the simulator. docs/SIMULATOR.md describes the same operations over HTTP, with the same JSON. */
export interface SimulatorControl {
  /** Replaces all faults of an upstream. @throws SimulatorError `upstream_unknown`, `fault_invalid`; the same below */
  setFaults(upstreamId: string, faults: readonly FaultInput[]): void
  addFault(upstreamId: string, fault: FaultInput): void
  clearFaults(upstreamId: string): void
  faults(upstreamId: string): FaultStatus[]
  /** Every accepted create since the last reset, including deleted jobs: by upstream, oldest first. */
  renders(upstreamId?: string): RenderRecord[]
  /** The number of requests by upstream and operation, whatever their responses. */
  requests(): Record<string, RequestCounts>
  bill(): Bill
  characters(): (SimulatedCharacter & { upstream: string })[]
  /**
   * Rejects later creates with this character, given by id or handle.
   * @throws SimulatorError `character_unknown`
   */
  revokeCharacter(name: string): void
  /** Where an `openai-videos` upstream reports ended jobs, or null; survives a reset. */
  setWebhook(upstreamId: string, target: WebhookTarget | null): void
  webhooks(): (WebhookRecord & { upstream: string })[]
  /** Completes a running job now, even a stuck one. @throws SimulatorError `job_unknown`, `job_ended` */
  finish(jobId: string): void
  /** Fails a running job now. @throws SimulatorError `job_unknown`, `job_ended` */
  failJob(jobId: string, code: string): void
  /** Deletes jobs, characters, faults and counts of every upstream. */
  reset(): void
}

export function createControl(vendors: ReadonlyMap<string, Vendor>): SimulatorControl {
  const vendorOf = (upstreamId: string) => {
    const vendor = vendors.get(upstreamId)
    if (vendor === undefined)
      throw new SimulatorError('upstream_unknown', `no upstream is called ${upstreamId}`)
    return vendor
  }
  const runningJob = (jobId: string) => {
    for (const vendor of vendors.values()) {
      const job = vendor.jobs.find(jobId)
      if (job === undefined) continue
      if (job.end !== null) throw new SimulatorError('job_ended', `${jobId} has ended already`)
      return { vendor, job }
    }
    throw new SimulatorError('job_unknown', `no job is called ${jobId}`)
  }

  return {
    setFaults: (id, faults) => vendorOf(id).faults.replace(faults.map(parseFault)),
    addFault: (id, fault) => vendorOf(id).faults.add(parseFault(fault)),
    clearFaults: (id) => vendorOf(id).faults.replace([]),
    faults: (id) => vendorOf(id).faults.list(),
    renders(id) {
      const chosen = id === undefined ? [...vendors.values()] : [vendorOf(id)]
      return chosen.flatMap((vendor) => vendor.jobs.all().map((job) => recordOf(vendor, job)))
    },
    requests: () => byUpstream(vendors, (vendor) => ({ ...vendor.requests })),
    bill: () => billOf(vendors),
    characters: () =>
      [...vendors].flatMap(([upstream, vendor]) =>
        vendor.characters.list().map((character) => ({ upstream, ...character })),
      ),
    revokeCharacter(name) {
      const found = [...vendors.values()]
        .map((vendor) => vendor.characters.find(name))
        .find((each) => each !== undefined)
      if (found === undefined) throw new SimulatorError('character_unknown', `no character is called ${name}`)
      found.revoked = true
    },
    setWebhook: (id, target) => vendorOf(id).webhooks.aim(parseTarget(target)),
    webhooks: () =>
      [...vendors].flatMap(([upstream, vendor]) =>
        vendor.webhooks.records().map((record) => ({ upstream, ...record })),
      ),
    finish(jobId) {
      const { vendor, job } = runningJob(jobId)
      vendor.jobs.end(job, { type: 'completes' })
    },
    failJob(jobId, code) {
      const { vendor, job } = runningJob(jobId)
      vendor.jobs.end(job, { type: 'fails', failure: { code, message: messageOf(code) } })
    },
    reset: () => vendors.forEach((vendor) => vendor.reset()),
  }
}

function parseFault(fault: FaultInput) {
  const parsed = faultSchema.safeParse(fault)
  if (!parsed.success) throw new SimulatorError('fault_invalid', z.prettifyError(parsed.error))
  return parsed.data
}

/** As configured, and as posted to `/control/upstreams/<id>/webhook`. */
export const webhookTarget = z.strictObject({ url: z.url(), secret: z.string().regex(/^whsec_[\w+/=-]+$/) })

function parseTarget(target: WebhookTarget | null): WebhookTarget | null {
  const parsed = webhookTarget.nullable().safeParse(target)
  if (!parsed.success) throw new SimulatorError('webhook_invalid', z.prettifyError(parsed.error))
  return parsed.data
}

function recordOf(vendor: Vendor, job: Job): RenderRecord {
  const progress = vendor.jobs.progress(job)
  return {
    id: job.id,
    upstream: vendor.upstream.id,
    ...job.order,
    state: job.deleted ? 'deleted' : statusOf(job, progress),
    progress,
    failure: job.end?.failure ?? null,
    billedUsd: toUsd(vendor.jobs.billed(job)),
    createdAt: job.createdAt,
    endedAt: job.end?.at ?? null,
  }
}

function byUpstream<T>(vendors: ReadonlyMap<string, Vendor>, of: (vendor: Vendor) => T): Record<string, T> {
  return Object.fromEntries([...vendors].map(([id, vendor]) => [id, of(vendor)]))
}

/** Summed in micro-dollars, so that it equals the gateway's own sum exactly. */
function billOf(vendors: ReadonlyMap<string, Vendor>): Bill {
  let total = 0
  const upstreams = byUpstream(vendors, (vendor) => {
    const jobs = vendor.jobs.all()
    const billed = jobs.reduce((sum, job) => sum + vendor.jobs.billed(job), vendor.charges())
    total += billed
    const ended = jobs.filter((job) => job.end !== null)
    const completed = ended.filter((job) => job.end?.failure === null).length
    return { accepted: jobs.length, completed, failed: ended.length - completed, billedUsd: toUsd(billed) }
  })
  return { totalUsd: toUsd(total), upstreams }
}
