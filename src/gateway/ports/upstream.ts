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
  BreakerView,
  ClipSpan,
  Operation,
  Outage,
  Size,
  UpstreamSpec,
} from '../domain/routing/upstream.ts'
import type { AspectRatio, Resolution } from '../domain/inputs/picture.ts'
import type { OptionValue, ReferenceRole } from '../domain/inputs/request-inputs.ts'
import type { MediaKind, VisualKind } from '../domain/media-kind.ts'

/** A file of ours that an upstream is given: as bytes or as a signed URL that it can fetch for a while. */
export interface MediaSource {
  contentType: string
  fileName: string
  bytes: number
  open(): AsyncIterable<Uint8Array>
  url: string
}

/** The video that a create starts from: the upstream's own job, or a file of ours. */
export type CreateSource = { kind: SourceKind } & ({ held: Json } | { media: MediaSource })

export interface CreateRequest {
  /** The same for every try to submit one attempt, so that a vendor that honours such keys makes one job of them. */
  idempotencyKey: string
  model: string
  /** Rendered for this upstream. */
  prompt: string
  durationSeconds: number
  size: Size
  reference: { kind: VisualKind; media: MediaSource; influence: number | null } | null
  /** Frames, references and settings; absent: none. */
  inputs?: CreateInputs
  /** Absent for a video from nothing but words; then this is no ordinary create, and most protocols have no call for it. */
  source?: CreateSource
  /** Handles of the characters used natively, in order of appearance. */
  characterHandles: string[]
  /** Characters that travel with the create, where the upstream keeps none: in order of appearance. */
  inlineCharacters: InlineCharacter[]
}

/** What this upstream is given of the inputs of a request: nothing that it does not take. Null: not said. */
export interface CreateInputs {
  firstFrame: MediaSource | null
  lastFrame: MediaSource | null
  /** In the order of the request. */
  references: Array<{ kind: MediaKind; role: ReferenceRole; name: string | null; media: MediaSource }>
  audio: boolean | null
  seed: number | null
  negativePrompt: string | null
  /** In the words of the upstream. */
  resolution: Resolution | null
  aspectRatio: AspectRatio | 'auto' | null
  options: Readonly<Record<string, OptionValue>>
}

export type InlineCharacter = Omit<CreateCharacterRequest, 'description'>

export interface CreateCharacterRequest {
  name: string
  description: string
  clip: MediaSource
  /** The seconds to take of `clip`, and of the video of `fromJob`, which show the same. */
  span: ClipSpan
  /** A finished job of this same upstream that shows the character; preferred to the clip where there is one. */
  fromJob: Json | null
}

/** The bytes of a finished video, or why there are none now. The body must be consumed or destroyed. */
export type VideoFetch =
  | { type: 'body'; body: AsyncIterable<Uint8Array>; bytes: number | null; contentType: string | null }
  | { type: 'not_ready' | 'unavailable'; message: string; retryAfterMs: number | null }
  | { type: 'gone' | 'not_media'; message: string }

/** A job that the upstream lists as recently created, for finding the job of a create whose answer was lost. */
export interface ListedJob {
  upstreamId: string
  operation: Json
  model: string | null
  prompt: string | null
  /** What was asked for; absent where the entry does not say. */
  seconds?: number
  size?: string
  /** Milliseconds since the epoch; null when not said. */
  createdAt: number | null
}

export type ListOutcome =
  | { type: 'listed'; jobs: ListedJob[]; complete: boolean }
  | { type: 'unsupported' }
  | { type: 'unreachable'; message: string }

/** Is told of each call that was made, when it has ended and before its method answers; without secrets. */
export type NoteExchange = (exchange: Exchange) => void

/**
 * One configured upstream. No method throws for anything an upstream or the network can do; each has its own deadline
 * from the upstream's settings. `create` is never repeated by an implementation: a second POST is a second invoice.
 */
export interface Upstream {
  readonly spec: UpstreamSpec
  /** Whose jobs it makes, and where. */
  readonly account: Account
  /**
   * Whether the vendor answers a create with a known idempotency key with the job it already made. Only then may a create
   * whose answer was lost be sent again.
   */
  readonly deduplicates: boolean
  /**
   * How a character that this upstream knows natively is written in a prompt. `position` counts from 1 among the
   * characters of one request, for vendors that number what they are shown. Ends in a space where it needs one after it.
   */
  mention(character: { handle: string; name: string; position?: number }): string
  create(request: CreateRequest, note?: NoteExchange): Promise<CreateOutcome>
  /** The job that a create under this key makes, where jobs are named by whoever asks for them. Absent: nobody knows. */
  jobOf?: (idempotencyKey: string) => Job
  /**
   * What a job of this id is asked about by, where an attempt named its id and nothing else of it is known; null where the
   * protocol needs more than that.
   */
  jobNamed: (upstreamId: string, request: CreateRequest) => Json | null
  poll(operation: Json, note?: NoteExchange): Promise<JobReport>
  /** Notes a file when its body has ended, or its iterator was returned. */
  fetchVideo(operation: Json, result: Json, note?: NoteExchange): Promise<VideoFetch>
  cancel(operation: Json, note?: NoteExchange): Promise<CancelOutcome>
  /** Jobs created at or after `since` (ms since epoch), newest first. */
  listRecent(since: number, note?: NoteExchange): Promise<ListOutcome>
  createCharacter(request: CreateCharacterRequest, note?: NoteExchange): Promise<CharacterOutcome>
  /** Asks about a character whose making was answered with `pending`. */
  pollCharacter(operation: Json, note?: NoteExchange): Promise<CharacterOutcome>
  breakers(): Record<Operation, BreakerView>
  /** Models that this upstream has said to be gone, until they are tried again. */
  outages(): Outage[]
}

/** All configured upstreams, in configured order. */
export interface UpstreamDirectory {
  get(id: string): Upstream | undefined
  /**
   * The upstream as it was configured earlier, or another one, that has the credential of this account and speaks the same
   * protocol. Only for asking about jobs: nothing new is sent there.
   */
  holderOf(id: string, account: Account): Upstream | undefined
  all(): Upstream[]
  close(): Promise<void>
}
