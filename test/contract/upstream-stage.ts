import type { Test } from 'tap'
import type { Job } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, MediaSource, Upstream } from '../../src/gateway/ports/upstream.ts'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'

/** A vendor and the upstream for it, with everything that the suite inspects or breaks. */
export interface UpstreamStage {
  upstream: Upstream
  /** The vendor's name of the requested model. */
  model: string
  /**
   * Supported features. `reference`: a video as reference. `image`: a picture as reference. `progress`: jobs report
   * progress.
   */
  can: {
    /** `asked`: no response confirms it; the next poll does. */
    cancel: boolean | 'asked'
    /** `partial`: jobs can be found in it, but it does not prove that a job is missing. */
    list: 'whole' | 'partial' | false
    reference: boolean
    image: boolean
    characters: boolean
    /** The clip of a character can be sent with the create. */
    inline: boolean
    progress: boolean | 'zero'
    /** Whether a failed job has a reason. Default: yes. */
    reasons?: boolean
    /** Whether it has its own status words, of which some may be unknown. Default: yes. */
    words?: boolean
    /** Calls that start from one of its videos: remix, edit and extension; or only remix. */
    sources: 'all' | 'remix' | 'none'
    /** Who can fetch a result. Empty if the video is at an API endpoint, which always requires the key. */
    files: readonly Files[]
    /** Whether its errors have their HTTP status, even for files. */
    statusOnFiles: boolean
  }
  /** Replaces the vendor's faults. */
  fault: (...faults: FaultInput[]) => void
  renders: () => Render[]
  /** The number of requests that reached the vendor. */
  requests: () => { create: number; poll: number; character_create: number }
  finish: (jobId: string) => void
  revokeCharacter: (handle: string) => void
  /** A three-second clip that the vendor can fetch and read. */
  clip: MediaSource
  /** A picture of the requested size that the vendor can fetch. */
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

/** Anyone; only with the vendor's key; only with a signature and without other credentials. */
export type Files = 'open' | 'guarded' | 'signed'

export interface StageOptions {
  files?: Files
  createMs?: number
  createServerError?: 'unknown' | 'rejected'
}

export type Make = (t: Test, options?: StageOptions) => Promise<UpstreamStage>

export const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat in the rain',
  durationSeconds: 5,
  size: '160x90',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

export async function accepted(
  t: Test,
  { upstream, model }: UpstreamStage,
  changes: Partial<CreateRequest> = {},
): Promise<Job> {
  const outcome = await upstream.create({ ...plain, model, ...changes })
  if (outcome.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`)
  t.ok(outcome.job.upstreamId)
  return outcome.job
}

export async function completed(upstream: Upstream, job: Job) {
  for (let polls = 0; polls < 5; polls += 1) {
    const report = await upstream.poll(job.operation)
    if (report.type === 'completed') return report
  }
  throw new Error('the job never completed')
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
}

export const oddBodies = ['error', 'empty', 'text', 'cut', 'list'] as const
