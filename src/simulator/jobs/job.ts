import { hex } from '../ids.ts'
import type { JobState, Pace } from '../simulated-upstream.ts'

/** A reference input as received; `bytes` is null if only its URL was sent. */
export interface Reference {
  kind: 'image' | 'video' | 'image_url' | 'file_id'
  bytes: number | null
}

/** A frame or reference with its role. */
export interface OrderInput {
  kind: 'image' | 'video' | 'audio'
  role: 'first_frame' | 'last_frame' | 'reference'
  bytes: number
}

export interface OrderSource {
  kind: 'remix' | 'edit' | 'extension'
  /** A finished job's id, or the number of uploaded bytes. */
  from: { type: 'job'; id: string } | { type: 'upload'; bytes: number }
  /** The number of extensions, including this one, and the seconds that it adds, which are billed. */
  extensions: number
  addedSeconds: number
}

/** A valid create. */
export interface Order {
  /** For vendors whose clients choose the ids of jobs. */
  id?: string
  model: string
  prompt: string
  seconds: number
  /** `WIDTHxHEIGHT`, both even. */
  size: string
  /** The upstream's characters, as named in the create: handles or ids. */
  characters: string[]
  reference: Reference | null
  /** For dialects whose frames and references have roles; absent for others. */
  inputs?: OrderInput[]
  /** 0 to 1, or null if it was not sent. */
  influenceStrength: number | null
  /** All other fields, which the simulator ignores, such as `watermark`. */
  extras: Record<string, unknown>
  /** A factor on the usual price, for options that change it. */
  priceTimes?: number
  /** The source video; absent for an ordinary create. */
  source?: OrderSource
}

export interface JobFailure {
  code: string
  message: string
}

/** How a job ends without intervention; decided when it is accepted. */
export type Fate =
  { type: 'completes' } | { type: 'fails'; failure: JobFailure } | { type: 'sticks'; progress: number }

export interface Job {
  readonly id: string
  /** Identifies the finished video in public URLs. */
  readonly token: string
  readonly order: Order
  /** Milliseconds since the epoch by the simulator's clock, like all times here. */
  readonly createdAt: number
  readonly fate: Fate
  polls: number
  /** The time of the last poll, or null. */
  polledAt: number | null
  /** Set once; `failure` is null for a completed job. */
  end: { at: number; progress: number; failure: JobFailure | null } | null
  /** Deleted for callers; `stopped`: also for the engine. */
  deleted: boolean
  stopped: boolean
}

export function newJob(given: Pick<Job, 'id' | 'order' | 'createdAt' | 'fate'>): Job {
  return { token: hex(16), polls: 0, polledAt: null, end: null, deleted: false, stopped: false, ...given }
}

/** Ends the job if it is due; returns whether this call ended it. */
export function endIfDue(job: Job, render: Pace, now: number): boolean {
  if (job.end !== null || job.fate.type === 'sticks' || shareOf(job, render, now) < 1) return false
  const at = 'milliseconds' in render ? job.createdAt + render.milliseconds : now
  const failure = job.fate.type === 'fails' ? job.fate.failure : null
  job.end = { at, progress: failure === null ? 100 : 99, failure }
  return true
}

/** Percent: 0 before it starts, 1 to 99 while it runs. */
export function progressOf(job: Job, render: Pace, now: number): number {
  if (job.end !== null) return job.end.progress
  const ceiling = job.fate.type === 'sticks' ? job.fate.progress : 99
  return Math.min(ceiling, Math.floor(100 * shareOf(job, render, now)))
}

export function statusOf(job: Job, progress: number): JobState {
  if (job.end !== null) return job.end.failure === null ? 'completed' : 'failed'
  return progress === 0 && job.polls === 0 ? 'queued' : 'in_progress'
}

/** The finished share of the work: 0 to 1, or more if it is overdue. */
export function shareOf(work: { polls: number; createdAt: number }, pace: Pace, now: number): number {
  return 'polls' in pace ? work.polls / pace.polls : (now - work.createdAt) / pace.milliseconds
}
