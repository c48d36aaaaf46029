import { statusOf } from './job.ts'
import type { Job, JobFailure } from './job.ts'
import { oddProgress } from '../faults/odd-progress.ts'
import type { JobState } from '../simulated-upstream.ts'
import { jobUnknown, rateLimited } from '../faults/vendor-errors.ts'
import { accepted } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/** What a vendor reports about a job, before a dialect words it. */
export interface JobView {
  /** A state, or the word of an `odd_status` fault. */
  status: string
  progress: number | string | undefined
  failure: JobFailure | null
  /** Whether the response for a finished job includes the URL of its video. */
  hasUrl: boolean
}

/** The job without the effect of any fault. */
export function viewOf(vendor: Vendor, job: Job): JobView {
  const progress = vendor.jobs.progress(job)
  const failure = job.end?.failure ?? null
  const { queuePolls = 0 } = vendor.upstream
  const status =
    job.end === null && job.polls <= queuePolls && job.polls > 0 ? 'queued' : statusOf(job, progress)
  return { status, progress, failure, hasUrl: job.end !== null && failure === null }
}

/** The job as a poll sees it: the poll may advance the job, and one fault may change what is reported. */
export function pollView(vendor: Vendor, job: Job): JobView {
  vendor.jobs.poll(job)
  const view = viewOf(vendor, job)
  const fault = vendor.faults.take('poll', ['odd_progress', 'odd_status'])
  if (fault?.kind === 'odd_status') return { ...view, status: fault.word }
  if (fault?.kind === 'odd_progress')
    return { ...view, progress: oddProgress(vendor.jobs.progress(job), fault.style, job.polls) }
  return view
}

/**
 * The polled job, or the vendor's 404, or its 429 for polling too often. If the poll returns the video's URL, a
 * `no_url` fault may remove it.
 */
export function polledJob(vendor: Vendor, id: string): Verdict<{ job: Job; view: JobView }> {
  const job = vendor.jobs.find(id)
  if (job === undefined) return { ok: false, error: jobUnknown(id) }
  const { minPollMs = 0 } = vendor.upstream
  if (job.polledAt !== null && vendor.clock.now() - job.polledAt < minPollMs)
    return { ok: false, error: rateLimited }
  return accepted({ job, view: pollView(vendor, job) })
}

/** The same view, without a URL while a `no_url` fault is active. */
export function withoutUrlIfAsked(vendor: Vendor, view: JobView): JobView {
  if (!view.hasUrl) return view
  return vendor.faults.take('poll', ['no_url']) === null ? view : { ...view, hasUrl: false }
}

/** The vendor's word for a state; words of `odd_status` faults stay as they are. */
export function vendorStatus(vendor: Vendor, words: Record<JobState, string>, status: string): string {
  const all: Record<string, string> = { ...words, ...vendor.upstream.statusWords }
  return all[status] ?? status
}
