import type { Account } from '../domain/attempts/account.ts'
import type {
  CancelOutcome,
  CharacterOutcome,
  CreateOutcome,
  Job,
  JobReport,
} from '../domain/attempts/outcome.ts'
import type { Exchange } from '../domain/attempts/exchange.ts'
import type { Json } from '../domain/json.ts'
import type { SourceKind } from '../domain/generation/request.ts'
import type {
  BreakerReset,
  BreakerView,
  ClipSpan,
  Operation,
  Outage,
  Size,
  UpstreamSpec,
} from '../domain/routing/upstream.ts'
import type { ProbedCall } from '../domain/steering/probe.ts'
import type { AspectRatio, Resolution } from '../domain/inputs/picture.ts'
import type { OptionValue, ReferenceRole } from '../domain/inputs/request-inputs.ts'
import type { MediaKind, VisualKind } from '../domain/media-kind.ts'

/** A file of the gateway as an upstream receives it: as bytes, or as a signed URL that is valid for a while. */
export interface MediaSource {
  contentType: string
  fileName: string
  bytes: number
  open(): AsyncIterable<Uint8Array>
  url: string
}

/** The video that a create starts from: a job of the upstream, or a file of the gateway. */
export type CreateSource = { kind: SourceKind } & ({ held: Json } | { media: MediaSource })

export interface CreateRequest {
  /** The same for every submission of one attempt, so that a vendor that honours idempotency keys creates one job. */
  idempotencyKey: string
  model: string
  /** The prompt as written for this upstream. */
  prompt: string
  durationSeconds: number
  size: Size
  reference: { kind: VisualKind; media: MediaSource; influence: number | null } | null
  /** Frames, references and settings; absent if there are none. */
  inputs?: CreateInputs
  /** Absent for text-to-video. Most protocols need a different call for a create with a source, and many have none. */
  source?: CreateSource
  /** Handles of natively used characters, in order of appearance. */
  characterHandles: string[]
  /** Characters sent with the create, for upstreams that store none; in order of appearance. */
  inlineCharacters: InlineCharacter[]
}

/** The inputs of a request that this upstream supports. Null: not set. */
export interface CreateInputs {
  firstFrame: MediaSource | null
  lastFrame: MediaSource | null
  /** In the order of the request. */
  references: Array<{ kind: MediaKind; role: ReferenceRole; name: string | null; media: MediaSource }>
  audio: boolean | null
  seed: number | null
  negativePrompt: string | null
  /** In the upstream's notation. */
  resolution: Resolution | null
  aspectRatio: AspectRatio | 'auto' | null
  options: Readonly<Record<string, OptionValue>>
}

/** A create from words alone. */
export const noCreateInputs: CreateInputs = {
  firstFrame: null,
  lastFrame: null,
  references: [],
  audio: null,
  seed: null,
  negativePrompt: null,
  resolution: null,
  aspectRatio: null,
  options: {},
}

/** `span`: the seconds to use of `clip`. `fromJob`: see `CreateCharacterRequest`. */
export interface InlineCharacter {
  name: string
  clip: MediaSource
  span: ClipSpan
  fromJob: Json | null
}

export interface CreateCharacterRequest {
  name: string
  description: string
  /** Null where the upstream is given pictures instead. */
  clip: MediaSource | null
  /** The seconds to use of `clip`, and of the video of `fromJob`, which is the same video. Null without a clip. */
  span: ClipSpan | null
  /** The best first. Absent where it is given a clip. */
  pictures?: MediaSource[]
  /** A finished job of this upstream that shows the character. Preferred to the clip if present. */
  fromJob: Json | null
}

/** The bytes of a finished video, or why they are not available. The body must be consumed or destroyed. */
export type VideoFetch =
  | { type: 'body'; body: AsyncIterable<Uint8Array>; bytes: number | null; contentType: string | null }
  | { type: 'not_ready' | 'unavailable'; message: string; retryAfterMs: number | null }
  | { type: 'gone' | 'not_media'; message: string }

/** A recently created job in the upstream's list, for finding the job of a create whose response was lost. */
export interface ListedJob {
  upstreamId: string
  operation: Json
  model: string | null
  prompt: string | null
  /** The requested length; absent if the list does not say. */
  seconds?: number
  size?: string
  /** Milliseconds since the epoch; null if unknown. */
  createdAt: number | null
}

export type ListOutcome =
  | { type: 'listed'; jobs: ListedJob[]; complete: boolean }
  | { type: 'unsupported' }
  | { type: 'unreachable'; message: string }

/** Asked right before a create leaves, after its uploads: why it may not leave; null if it may. */
export type HeldBack = () => string | null

/** Called with each exchange once it has ended, before the method returns. Contains no secrets. */
export type NoteExchange = (exchange: Exchange) => void

/**
 * One configured upstream. No method throws for a failure of the upstream or the network; each has a timeout from the
 * upstream's settings. Implementations never repeat a `create`: a second POST is a second invoice.
 */
export interface Upstream {
  readonly spec: UpstreamSpec
  /** The account whose credentials it uses. */
  readonly account: Account
  /**
   * Whether the vendor answers a repeated idempotency key with the existing job. Only then may a create whose response
   * was lost be sent again.
   */
  readonly deduplicates: boolean
  /**
   * How a prompt refers to a character that this upstream knows natively. `position` counts from 1 among the characters
   * of one request, for vendors that number them. Ends in a space if one must follow.
   */
  mention(character: { handle: string; name: string; position?: number }): string
  /** How a prompt names the reference image at this position (from 1). Absent if the vendor has no notation for it. */
  imageMention?: (position: number) => string
  create(request: CreateRequest, note?: NoteExchange, heldBack?: HeldBack): Promise<CreateOutcome>
  /** The job that a create with this key makes, for protocols where the client chooses the job id. Absent otherwise. */
  jobOf?: (idempotencyKey: string) => Job
  /** How to poll a job of which only the id is known; null if the protocol needs more than the id. */
  jobNamed: (upstreamId: string, request: CreateRequest) => Json | null
  poll(operation: Json, note?: NoteExchange): Promise<JobReport>
  /** `note` is called when the body has ended or its iterator was returned. */
  fetchVideo(operation: Json, result: Json, note?: NoteExchange): Promise<VideoFetch>
  cancel(operation: Json, note?: NoteExchange): Promise<CancelOutcome>
  /** Jobs created at or after `since` (ms since the epoch), newest first. */
  listRecent(since: number, note?: NoteExchange): Promise<ListOutcome>
  /** Makes all calls that cost nothing and create nothing. Empty if the protocol has none. */
  probe(): Promise<ProbedCall[]>
  createCharacter(request: CreateCharacterRequest, note?: NoteExchange): Promise<CharacterOutcome>
  /** Polls a character creation that was answered with `pending`. */
  pollCharacter(operation: Json, note?: NoteExchange): Promise<CharacterOutcome>
  breakers(): Record<Operation, BreakerView>
  /**
   * Closes the breaker of an operation and forgets the failures that it counted, so that the next call is made. A reset of
   * `create` also ends the outages of models, and trouble with the account is told again if it persists.
   */
  resetBreaker(operation: Operation): BreakerReset
  /** Models that this upstream reported as unavailable, until they are tried again. */
  outages(): Outage[]
}

/** All configured upstreams, in configured order. */
export interface UpstreamDirectory {
  get(id: string): Upstream | undefined
  /**
   * The upstream as it was configured earlier, or another one that has the credentials of this account and speaks the
   * same protocol. Only for polling jobs: no new work is sent there.
   */
  holderOf(id: string, account: Account): Upstream | undefined
  all(): Upstream[]
  close(): Promise<void>
}
