import { hex } from '../ids.ts'
import type { JobState, Pace } from '../simulated-upstream.ts'

/** A reference input as it arrived; `bytes` is null when it was only named. */
export interface Reference {
  kind: 'image' | 'video' | 'image_url' | 'file_id'
  bytes: number | null
}

/** A frame or a reference of a create that says what each of them is. */
export interface OrderInput {
  kind: 'image' | 'video' | 'audio'
  role: 'first_frame' | 'last_frame' | 'reference'
  bytes: number
}

export interface OrderSource {
  kind: 'remix' | 'edit' | 'extension'
  /** A finished job's id, or the number of uploaded bytes. */
  from: { type: 'job'; id: string } | { type: 'upload'; bytes: number }
  /** Extensions so far, this one included; and the seconds it adds, which is what it costs. */
  extensions: number
  addedSeconds: number
}

/** A create that a vendor would accept. */
export interface Order {
  /** Where clients name their jobs themselves. */
  id?: string
  model: string
  prompt: string
  seconds: number
  /** `WIDTHxHEIGHT`, both even. */
  size: string
  /** This upstream's characters, as the create named them: handles or ids. */
  characters: string[]
  reference: Reference | null
  /** Of the dialects that name their frames and references; absent elsewhere. */
  inputs?: OrderInput[]
  /** 0 to 1, or null when none was sent. */
  influenceStrength: number | null
  /** Everything else that was sent and means nothing to the simulator, such as `watermark`. */
  extras: Record<string, unknown>
  /** Of its usual price, where an option makes it dearer or cheaper. */
  priceTimes?: number
  /** The video it was made from; absent for an ordinary create. */
  source?: OrderSource
}

export interface JobFailure {
  code: string
  message: string
}

/** How a job will end if nobody interferes; decided when it is accepted. */
export type Fate =
  { type: 'completes' } | { type: 'fails'; failure: JobFailure } | { type: 'sticks'; progress: number }

export interface Job {
  readonly id: string
  /** Names the finished video in public URLs. */
  readonly token: string
  readonly order: Order
  /** Milliseconds since the epoch, by the simulator's clock; as every time here. */
  readonly createdAt: number
  readonly fate: Fate
  polls: number
  /** The last poll, or null. */
  polledAt: number | null
  /** Set once; `failure` is null for a completed job. */
  end: { at: number; progress: number; failure: JobFailure | null } | null
  /** Gone for callers; `stopped`: and for the engine. */
  deleted: boolean
  stopped: boolean
}

export function newJob(given: Pick<Job, 'id' | 'order' | 'createdAt' | 'fate'>): Job {
  return { token: hex(16), polls: 0, polledAt: null, end: null, deleted: false, stopped: false, ...given }
}

/** Ends the job if its time has come; answers whether this call ended it. */
export function endIfDue(job: Job, render: Pace, now: number): boolean {
  if (job.end !== null || job.fate.type === 'sticks' || shareOf(job, render, now) < 1) return false
  const at = 'milliseconds' in render ? job.createdAt + render.milliseconds : now
  const failure = job.fate.type === 'fails' ? job.fate.failure : null
  job.end = { at, progress: failure === null ? 100 : 99, failure }
  return true
}

/** Percent, 0 before the first sign of life, 1 to 99 while it runs. */
export function progressOf(job: Job, render: Pace, now: number): number {
  if (job.end !== null) return job.end.progress
  const ceiling = job.fate.type === 'sticks' ? job.fate.progress : 99
  return Math.min(ceiling, Math.floor(100 * shareOf(job, render, now)))
}

export function statusOf(job: Job, progress: number): JobState {
  if (job.end !== null) return job.end.failure === null ? 'completed' : 'failed'
  return progress === 0 && job.polls === 0 ? 'queued' : 'in_progress'
}

/** How much of the work is done: 0 to 1, or more when it is overdue. */
export function shareOf(work: { polls: number; createdAt: number }, pace: Pace, now: number): number {
  return 'polls' in pace ? work.polls / pace.polls : (now - work.createdAt) / pace.milliseconds
}
