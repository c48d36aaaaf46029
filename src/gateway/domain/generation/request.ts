import type { Account } from '../attempts/account.ts'
import type { WebhookEvent, WebhookFormat } from '../webhooks/webhook-event.ts'
import type { CharacterId, GenerationId, MediaId } from '../ids.ts'
import type { Json } from '../json.ts'
import type { Shape, Size } from '../routing/upstream.ts'
import type { RequestInputs } from '../inputs/request-inputs.ts'
import type { VisualKind } from '../media-kind.ts'

export const priorities = ['cost', 'stability'] as const
export type Priority = (typeof priorities)[number]
export const fidelityFloors = ['any', 'native'] as const
export type FidelityFloor = (typeof fidelityFloors)[number]
export const durationRules = ['nearest', 'exact'] as const
export type DurationRule = (typeof durationRules)[number]
/** What follows a create without a definite answer, or a failure without a known reason. */
export const failureRules = ['fail', 'fallback'] as const
export type FailureRule = (typeof failureRules)[number]

/** Routing as decided for one request: what the caller said, completed from the configuration's defaults. */
export interface RoutingPolicy {
  priority: Priority
  /** null means every configured upstream. */
  upstreams: string[] | null
  fallback: boolean
  characterFidelity: FidelityFloor
  duration: DurationRule
  onUnknown: FailureRule
  /** The upstream that renders another generation, to stay there where it is admissible; null for no preference. */
  prefer: { generation: GenerationId; upstream: string } | null
  maxCostMicros: number | null
  deadlineMs: number
}

/** Routing as a caller asks for it; null means "not said". */
export type AskedRouting = {
  [Rule in Exclude<keyof RoutingPolicy, 'prefer'>]: RoutingPolicy[Rule] | null
} & {
  preferUpstreamOf: GenerationId | null
}

/** An image or video the caller wants the result to follow. It is in the archive before the request is accepted. */
export interface Reference {
  mediaId: MediaId
  kind: VisualKind
  contentType: string
  /** 0-1; null leaves it to the upstream. */
  influence: number | null
}

export const sourceKinds = ['remix', 'edit', 'extension'] as const
export type SourceKind = (typeof sourceKinds)[number]

/** A video that a request starts from, and what is to become of it. Its file is an own copy in the archive. */
export interface SourceVideo {
  kind: SourceKind
  /** The generation it came from; null for an upload. */
  generationId: GenerationId | null
  mediaId: MediaId
  contentType: string
  durationSeconds: number
  /**
   * The upstream that rendered it, its dialect's handle on that job, and the account that has it (null where a release did
   * not keep that); null for an upload.
   */
  holder: { upstream: string; operation: Json; account: Account | null } | null
}

export interface CharacterUse {
  id: CharacterId
  /** The name at the time of the request: prompts in flight survive a rename. */
  name: string
  description: string
  /** As its maker wrote the name, where that is no handle. */
  label?: string
}

/** One request for one video, checked and completed: the vocabulary every later step shares. */
export interface GenerationRequest extends RequestInputs {
  /** As written by the caller, with `@name` and `@char_…` mentions and `\@` escapes. */
  prompt: string
  model: string
  durationSeconds: number
  size: Size | Shape
  reference: Reference | null
  /** Absent for a video from nothing but words. */
  source?: SourceVideo
  characters: CharacterUse[]
  routing: RoutingPolicy
  webhookUrl: string | null
  /** What `webhookUrl` is told. */
  webhookEvents: WebhookEvent[]
  /** Absent: `understudy`. */
  webhookFormat?: WebhookFormat
  metadata: Record<string, string>
}

/** The files in the archive that belong to a request and go when it does. */
export function inputMediaOf(request: GenerationRequest): MediaId[] {
  const { reference, source, firstFrame, lastFrame, references = [] } = request
  return [reference, source, firstFrame, lastFrame, ...references].flatMap((input) => input?.mediaId ?? [])
}
