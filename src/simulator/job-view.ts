import { statusOf } from './job.ts'
import type { Job, JobFailure } from './job.ts'
import { oddProgress } from './odd-progress.ts'
import type { Vendor } from './vendor.ts'

/** What a vendor says about a job, before a dialect puts it into its own words. */
export interface JobView {
  /** A status, or whatever word an `odd_status` fault wants. */
  status: string
  progress: number | string | undefined
  failure: JobFailure | null
  /** Whether a finished job admits where its video is. */
  hasUrl: boolean
}

/** Looks at the job without any fault. */
export function viewOf(vendor: Vendor, job: Job): JobView {
  const progress = vendor.jobs.progress(job)
  const failure = job.end?.failure ?? null
  return { status: statusOf(job, progress), progress, failure, hasUrl: job.end !== null && failure === null }
}

/** Looks at the job as a poll does: it may bring the job further, and one fault may distort what is seen. */
export function pollView(vendor: Vendor, job: Job): JobView {
  vendor.jobs.poll(job)
  const view = viewOf(vendor, job)
  const fault = vendor.faults.take('poll', ['odd_progress', 'odd_status', 'no_url'])
  if (fault === null) return view
  if (fault.kind === 'no_url') return { ...view, hasUrl: false }
  if (fault.kind === 'odd_status') return { ...view, status: fault.word }
  return { ...view, progress: oddProgress(vendor.jobs.progress(job), fault.style, job.polls) }
}
