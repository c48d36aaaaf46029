import type { FastifyReply } from 'fastify'
import type { VendorContext } from '../../dialect.ts'
import { lifetime } from '../../jobs/job-book.ts'
import { viewOf, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, JobFailure } from '../../jobs/job.ts'
import type { ProfileName, SimulatedUpstream } from '../../simulated-upstream.ts'
import type { Vendor } from '../../jobs/vendor.ts'
import { profileNameOf, profileOf } from './profiles.ts'

/** The Video of docs/vendors/openai-videos.md#video-object; `sparse` upstreams omit null keys and the prompt. */
export function videoObject(context: VendorContext, job: Job, view: JobView): Record<string, unknown> {
  const { vendor } = context
  const { upstream } = vendor
  const profile = profileOf(upstream)
  const { order, end } = job
  const isDone = end !== null && end.failure === null
  const time = (milliseconds: number) =>
    upstream.timestamps === 'milliseconds' ? milliseconds : toSeconds(milliseconds)
  const isNumber = (upstream.secondsType ?? profile.seconds.answer) === 'number'
  const video = {
    id: job.id,
    object: 'video',
    model: upstream.echoModel ?? order.model,
    status: vendorStatus(vendor, profile.words, view.status),
    progress: view.progress,
    created_at: time(job.createdAt),
    completed_at: end === null ? null : time(end.at),
    expires_at: isDone ? expiryOf(job, upstream) : null,
    prompt: order.prompt,
    size: order.size,
    seconds: isNumber ? order.seconds : String(order.seconds),
    remixed_from_video_id: order.source?.from.type === 'job' ? order.source.from.id : null,
    error: view.failure === null ? null : errorOf(view.failure, upstream),
    ...extensionsOf(job, upstream, isDone),
    ...urlOf(context, job, view),
    ...ownWords(upstream, view),
  }
  for (const key of absentAt[profileNameOf(upstream)] ?? []) Reflect.deleteProperty(video, key)
  if (!(upstream.sparse ?? profile.sparse)) return video
  const present = Object.entries(video).filter(([key, value]) => value !== null && key !== 'prompt')
  return { ...Object.fromEntries(present), quality: 'standard' }
}

/** Keys of the official object that a server does not have. */
const absentAt: Partial<Record<ProfileName, readonly string[]>> = { sglang: ['prompt'], trtllm: ['seconds'] }

/** vLLM-Omni reports no progress before the end; TensorRT-LLM reports a step after the rendering. */
function ownWords(upstream: SimulatedUpstream, view: JobView): Record<string, unknown> {
  const profile = profileNameOf(upstream)
  if (profile === 'vllm-omni' && view.status !== 'completed') return { progress: 0 }
  const isLate = typeof view.progress === 'number' && view.progress >= 90
  return profile === 'trtllm' && view.status === 'in_progress' && isLate ? { status: 'postprocessing' } : {}
}

export const toSeconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

/** Azure counts from the create (docs/vendors/openai-videos.md#expiry). */
function expiryOf(job: Job, upstream: SimulatedUpstream): number {
  const from = profileNameOf(upstream) === 'azure' ? job.createdAt : (job.end?.at ?? 0)
  return toSeconds(from) + lifetime(upstream)
}

/** Numeric codes at vLLM-Omni, no code at SGLang, a plain string at TensorRT-LLM (docs/vendors/self-hosted-servers.md). */
function errorOf(failure: JobFailure, upstream: SimulatedUpstream): unknown {
  const profile = profileNameOf(upstream)
  const { code, message } = failure
  const isRefusal = code === 'moderation_blocked'
  const isSilent = isRefusal && (upstream.silentRefusals ?? profile === 'trtllm')
  const said = isSilent ? 'Video generation failed' : message
  if (profile === 'trtllm') return said
  if (profile === 'sglang') return { message: said }
  return { code: profile === 'vllm-omni' ? failureStatus(failure) : code, message: said }
}

/** vLLM-Omni's `error.code` of a failed job is an HTTP status, with which its polls are answered. */
function failureStatus({ code }: JobFailure): number {
  if (/^[45]\d\d$/.test(code)) return Number(code)
  return code === 'moderation_blocked' ? 400 : 500
}

/** The HTTP status of a poll. */
export function pollStatus({ upstream }: Vendor, { failure }: JobView): number {
  return failure !== null && profileNameOf(upstream) === 'vllm-omni' ? failureStatus(failure) : 200
}

function extensionsOf(job: Job, upstream: SimulatedUpstream, isDone: boolean): Record<string, unknown> {
  const file = `${job.id}.mp4`
  const hasFailed = job.end !== null && !isDone
  switch (profileNameOf(upstream)) {
    case 'new-api':
      return { task_id: job.id }
    case 'vllm-omni':
      return {
        quality: 'default',
        media_type: 'video/mp4',
        file_name: isDone ? file : null,
        inference_time_s: job.end === null ? null : 1.25,
        expires_at: null,
        fps: 24,
        num_frames: job.order.seconds * 24,
        duration_s: job.order.seconds,
        metrics: null,
        stage_durations: isDone ? { diffusion: 1.2 } : {},
        peak_memory_mb: isDone ? 20_480 : 0,
        action: null,
      }
    case 'sglang':
      return {
        quality: 'standard',
        url: null,
        urls: isDone ? [null] : null,
        ...(hasFailed && { completed_at: null }),
        file_path: hasFailed ? null : `/outputs/${file}`,
        file_paths: isDone ? [`/outputs/${file}`] : null,
        num_outputs: isDone ? 1 : null,
        peak_memory_mb: isDone ? 20_480 : null,
        inference_time_s: isDone ? 1.25 : null,
        // It never reports an expiry.
        expires_at: null,
        revised_prompt: null,
        action: null,
        lidar: null,
      }
    case 'trtllm':
      return { format: 'mp4', fps: 24, duration: job.order.seconds }
    case 'openai':
    case 'azure':
    case 'gemini-compat':
      return {}
  }
}

/** The URL of a finished video under the key, or nested keys, of this upstream. */
function urlOf(context: VendorContext, job: Job, view: JobView): Record<string, unknown> {
  const { upstream } = context.vendor
  const field = upstream.urlField ?? profileOf(upstream).urlField
  if (field === null || !withoutUrlIfAsked(context.vendor, view).hasUrl) return {}
  return nested(field, context.resultUrl(job))
}

/** Nests a value: `detail.url` becomes `{detail: {url: value}}`. */
export function nested(path: string, value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path.split('.')
  return { [first]: rest.length === 0 ? value : nested(rest.join('.'), value) }
}

/** The response to any request that created a job. */
export function sendCreated(context: VendorContext, reply: FastifyReply, job: Job): FastifyReply {
  const { upstream } = context.vendor
  return withPollHint(context, reply)
    .status(upstream.createStatus ?? profileOf(upstream).createStatus)
    .send(
      upstream.briefCreate === true
        ? brief(context, job)
        : videoObject(context, job, viewOf(context.vendor, job)),
    )
}

function brief(context: VendorContext, job: Job) {
  const { basePath, words } = profileOf(context.vendor.upstream)
  const status = vendorStatus(context.vendor, words, 'queued')
  return { id: job.id, status, polling_url: `${context.host}${basePath}/videos/${job.id}` }
}

export function withPollHint({ vendor }: VendorContext, reply: FastifyReply): FastifyReply {
  const { upstream } = vendor
  if (!profileOf(upstream).headers && upstream.pollAfterMs === undefined) return reply
  return reply.header('openai-poll-after-ms', upstream.pollAfterMs ?? 1000)
}
