import type { Test } from 'tap'
import type { Job } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, MediaSource, Upstream } from '../../src/gateway/ports/upstream.ts'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'

/** A vendor and the upstream that is configured for it; what the suite needs to see of the vendor, and to break. */
export interface UpstreamStage {
  upstream: Upstream
  /** Its own name for the model that is asked for. */
  model: string
  /** `reference`: a video is one. `image`: a picture is. `progress`: it tells how far a job is. */
  can: {
    /** `asked`: nothing proves it, and the next poll tells. */
    cancel: boolean | 'asked'
    /** `partial`: jobs are found in it, but it denies none. */
    list: 'whole' | 'partial' | false
    reference: boolean
    image: boolean
    characters: boolean
    /** A character's clip can travel with the create. */
    inline: boolean
    progress: boolean | 'zero'
    /** Whether a failed job tells why. Absent: yes. */
    reasons?: boolean
    /** Whether it has status words of its own that may be new. Absent: yes. */
    words?: boolean
    /** Which calls start from a video of its own: remix, edit and extension, or the remix alone. */
    sources: 'all' | 'remix' | 'none'
    /** Who may fetch a result: none where the video is below an endpoint of the vendor, which always wants the key. */
    files: readonly Files[]
    /** Whether its errors come with their HTTP status, also where a file is due. */
    statusOnFiles: boolean
  }
  /** Replaces what is wrong with the vendor. */
  fault: (...faults: FaultInput[]) => void
  renders: () => Render[]
  /** Requests that reached the vendor. */
  requests: () => { create: number; poll: number; character_create: number }
  finish: (jobId: string) => void
  revokeCharacter: (handle: string) => void
  /** A clip of three seconds that the vendor can fetch and read. */
  clip: MediaSource
  /** A picture of the asked size that the vendor can fetch. */
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

/** Anybody; the vendor's own key; a signature alone, which further credentials break. */
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
