import { lifetime } from './job-book.ts'
import type { JobView } from './job-view.ts'
import type { Job } from './job.ts'
import type { Vendor } from './vendor.ts'

/** The Video of official-api.md §2.3; `sparse` upstreams leave null keys and the prompt out. */
export function videoObject(
  vendor: Vendor,
  job: Job,
  view: JobView,
  fileUrl: string,
): Record<string, unknown> {
  const { upstream } = vendor
  const { order, end } = job
  const isDone = end !== null && end.failure === null
  const video = {
    id: job.id,
    object: 'video',
    model: upstream.echoModel ?? order.model,
    status: view.status,
    progress: view.progress,
    created_at: toSeconds(job.createdAt),
    completed_at: end === null ? null : toSeconds(end.at),
    expires_at: isDone ? toSeconds(end.at) + lifetime(upstream) : null,
    prompt: order.prompt,
    size: order.size,
    seconds: upstream.secondsType === 'number' ? order.seconds : String(order.seconds),
    remixed_from_video_id: order.source?.from.type === 'job' ? order.source.from.id : null,
    error: view.failure,
    ...(upstream.urlField !== undefined && view.hasUrl ? { [upstream.urlField]: fileUrl } : {}),
  }
  if (upstream.sparse !== true) return video
  const present = Object.entries(video).filter(([key, value]) => value !== null && key !== 'prompt')
  return { ...Object.fromEntries(present), quality: 'standard' }
}

export const toSeconds = (milliseconds: number) => Math.floor(milliseconds / 1000)
