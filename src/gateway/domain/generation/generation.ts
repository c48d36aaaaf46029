import type { HeldAccount } from '../attempts/account.ts'
import type { Baseline } from '../routing/baseline.ts'
import type { Floor } from '../accounts/client.ts'
import type { Failure, GenerationError, Warning } from './failure.ts'
import type { AttemptId, GenerationId, KeyId, MediaId } from '../ids.ts'
import type { Json } from '../json.ts'
import type { GenerationStatus } from './history.ts'
import type { RoutePlan } from './plan.ts'
import type { Resolution } from '../attempts/resolution.ts'
import type { Resubmission } from '../attempts/resubmission.ts'
import type { CostRules, CostSource, VendorUsage } from '../attempts/vendor-cost.ts'
import type { GenerationRequest } from './request.ts'
import type { GenerationTrace } from '../observability/trace.ts'
import type { ChargeMoment, Fidelity, Size, UpstreamKind } from '../routing/upstream.ts'

/**
 * Why a step makes no progress: it threw an error, its upstream is no longer configured or is a different account, or the
 * video is not archived yet.
 */
export const stepErrorCodes = ['step_failed', 'upstream_absent', 'origin_changed', 'archive_delayed'] as const
export type StepErrorCode = (typeof stepErrorCodes)[number]

/** The problem that currently delays an attempt. Cleared by the next step that succeeds. */
export interface StepError {
  code: StepErrorCode
  /** For callers: no paths, no secrets. */
  message: string
  at: number
  /** Steps in a row that ended like this. */
  tries: number
}

export const attemptStates = [
  'binding',
  'submitting',
  'unknown',
  'running',
  'archiving',
  'abandoned',
  'succeeded',
  'failed',
] as const
export type AttemptState = (typeof attemptStates)[number]

export const costStates = ['reserved', 'settled'] as const
export type CostState = (typeof costStates)[number]

/** One submission of a generation to one upstream. Instants are milliseconds since the epoch. */
export interface Attempt {
  id: AttemptId
  upstream: string
  kind: UpstreamKind
  fidelity: Fidelity | null
  /** The upstream's own model id. */
  model: string
  durationSeconds: number
  size: Size
  state: AttemptState
  /** The prompt as this upstream gets it; null before it is rendered. */
  prompt: string | null
  /** Reserved before the create leaves; what the upstream charges once that is settled. */
  reservedMicros: number
  costMicros: number
  costState: CostState
  chargedOn: ChargeMoment
  /** Null on attempts that were made before it was kept. */
  baseline: Baseline | null
  /** Whether the caller received the video of this attempt. */
  delivered: boolean
  /** Who its create was sent to; null before that, and on attempts that were made before it was kept. */
  sentTo: HeldAccount | null
  upstreamId: string | null
  /** Of an unknown one: a job that may be the one it made, for a person to decide. Null or absent: none. */
  candidateId?: string | null | undefined
  /**
   * After a restore: its upstream lists a job that may be this one, and only a person can tell. False once one has; absent on
   * any other.
   */
  awaitsPerson?: boolean | undefined
  /** The dialect's own handle on the job, and on its result once completed. */
  operation: Json
  result: Json
  upstreamModel: string | null
  progress: number
  /** The vendor's last status word. */
  statusWord: string | null
  /** The position in the vendor's queue. Null or absent if unknown. */
  queuePosition?: number | null | undefined
  /** What else is to be known of it now: its place in a queue, an answer that is not understood, why its video is not there yet. */
  detail: string | null
  /** What the vendor itself says that it cost; null when it does not say. */
  vendorCostMicros: number | null
  /** The usage that the vendor reports, in its own unit. Null or absent if it reports none. */
  vendorUsage?: VendorUsage | null | undefined
  /** Absent on attempts of earlier releases: the defaults. */
  costRules?: CostRules | undefined
  /** The source of a settled `costMicros`. Absent: the price list. */
  costSource?: CostSource | undefined
  /** The cost by the price list, where `costMicros` is the vendor's. */
  listMicros?: number | undefined
  /** In a row: polls that found no such job; of an unknown one, complete lists without it; of a finished one, "gone". */
  notFound: number
  archiveTries: number
  lastError: StepError | null
  /** When its upstream was last asked about it; null before that. */
  askedAt: number | null
  /** Characters created again after the upstream rejected one as invalid. At most once per attempt. */
  rebound: boolean
  /** Whether the upstream was asked to cancel; it is asked once. */
  cancelAsked: boolean
  startedAt: number
  submittedAt: number | null
  acceptedAt: number | null
  /** When the upstream was found to have rendered the video. Null or absent before that. */
  renderedAt?: number | null | undefined
  lastChangeAt: number
  stallMs: number
  deadlineAt: number
  /** Until when an unknown outcome is held; null unless unknown. */
  holdUntil: number | null
  /** When this attempt next needs work; null when it needs none. */
  dueAt: number | null
  endedAt: number | null
  failure: Failure | null
  /** The resolution by an operator. Null if none was needed. */
  resolution: Resolution | null
  /** Who accepted two bills, so that another upstream is asked as well. Null or absent: nobody. */
  resubmission?: Resubmission | null | undefined
}

/** The archived result. */
export interface VideoAsset {
  mediaId: MediaId
  contentType: string
  bytes: number
  sha256: string
  durationSeconds: number
  width: number
  height: number
  /** When the archive removed it after its retention. Null while it is stored. */
  expiredAt: number | null
}

/** One request for one video, and everything that became of it, with the floor of its key at the time of the request. Only `transition` makes a new one from an old one. */
export interface Generation extends Floor {
  id: GenerationId
  tenant: string
  key: string
  /** Null on generations that were made before it was kept. */
  keyId: KeyId | null
  status: GenerationStatus
  progress: number
  request: GenerationRequest
  plan: RoutePlan
  attempts: Attempt[]
  warnings: Warning[]
  video: VideoAsset | null
  error: GenerationError | null
  createdAt: number
  completedAt: number | null
  deadlineAt: number
  /** From when on a restore keeps it from being sent, so that its deadline does not run. Null or absent: nothing does. */
  heldSince?: number | null | undefined
  /** When the next attempt may start; null while one is live, and at the end. */
  nextAttemptAt: number | null
  /** The earliest instant at which anything here needs work; null when nothing ever will. Derived by `transition`. */
  dueAt: number | null
  /** Its place in a trace. Absent if it was made without traces. */
  trace?: GenerationTrace | undefined
}
