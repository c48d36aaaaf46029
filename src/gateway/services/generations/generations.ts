import type { Client } from '../../domain/accounts/client.ts'
import type { CancelRow } from '../../domain/steering/cancel-outcome.ts'
import type { GenerationFilter } from '../../domain/generation/search/generation-filter.ts'
import type { WebhookEvent, WebhookFormat } from '../../domain/webhooks/webhook-event.ts'
import type { Generation, VideoAsset } from '../../domain/generation/generation.ts'
import type { AttemptId, GenerationId, MediaId } from '../../domain/ids.ts'
import type { AskedRouting, SourceKind } from '../../domain/generation/request.ts'
import type { RoutePreview } from '../../domain/routing/preview.ts'
import type { Shape, Size } from '../../domain/routing/upstream.ts'
import type { LogRecord } from '../../ports/generations/generation-history.ts'
import type { ByteRange } from '../../ports/media/media-archive.ts'
import type { ReferenceRole, RequestSettings } from '../../domain/inputs/request-inputs.ts'
import type { StoredMedia } from '../media/media-intake.ts'
import type { MediaKind, VisualKind } from '../../domain/media-kind.ts'

/** A caller's request as parsed at the border; null means "not said". */
export interface GenerationInput {
  prompt: string
  model: string | null
  durationSeconds: number | null
  size: Size | Shape | null
  reference:
    | { type: 'url'; kind: VisualKind; url: string; influence: number | null }
    | { type: 'stored'; kind: VisualKind; mediaId: MediaId; contentType: string; influence: number | null }
    | null
  /** Absent: none. */
  inputs?: AskedInputs
  /** A video to remix, edit or extend; what is not said otherwise is taken from it. */
  source?: SourceInput
  routing: AskedRouting
  webhookUrl: string | null
  /** What it is told; empty for nothing. */
  webhookEvents: WebhookEvent[] | null
  /** Absent: as the key is configured. */
  webhookFormat?: WebhookFormat
  metadata: Record<string, string>
}

/** A file of a request, by where it comes from. `pointer` names its member for problems. */
export type AskedMedia = { pointer: string } & (
  | { type: 'url'; kind: MediaKind; url: string }
  | { type: 'stored'; stored: StoredMedia }
  | { type: 'generation'; id: GenerationId }
)

export type AskedReference = AskedMedia & { role: ReferenceRole | null; name: string | null }

/** Frames, references and settings as they were asked for. */
export interface AskedInputs {
  firstFrame?: AskedMedia
  lastFrame?: AskedMedia
  references?: AskedReference[]
  settings: RequestSettings
}

export interface SourceInput {
  kind: SourceKind
  from: { type: 'generation'; id: GenerationId } | { type: 'upload'; stored: StoredMedia }
}

/** How a repeated create is recognised: the caller's key and a hash of everything that was asked. */
export interface IdempotencyInput {
  key: string
  requestHash: string
}

/** A create by a client that repeats one, by itself, when its answer is lost. */
export interface ClientCall {
  path: string
  requestHash: string
  /** 0 for the first time. */
  retry: number
}

/** A request to render, with how a repeat of it is known. */
export interface Submission {
  input: GenerationInput
  idempotency: IdempotencyInput | null
  /** Makes the answer that an idempotency key replays; `startsAt`: see `EstimatedStarts`. */
  render: (generation: Generation, startsAt: number | null) => string
  call?: ClientCall | undefined
}

export type Submitted =
  | { type: 'accepted'; generation: Generation; startsAt: number | null }
  /** The body of the first answer, as JSON text. */
  | { type: 'replayed'; response: string }

export interface OpenMedia {
  contentType: string
  bytes: number
  read(range: ByteRange | null): AsyncIterable<Uint8Array>
}

export interface OpenVideo {
  asset: VideoAsset
  media: OpenMedia
  /** A URL at which anybody can download it for some minutes, under a name; null where the gateway serves all bytes. */
  link: ((fileName: string) => Promise<string>) | null
}

/** A picture that was made here; `etag` is not quoted. */
export interface Picture {
  contentType: string
  bytes: Uint8Array
  etag: string
}

export interface CancelManyInput {
  which:
    | { type: 'ids'; ids: readonly GenerationId[] }
    /** `expected`: nothing is cancelled where more match. Null in a dry run. */
    | { type: 'filter'; filter: GenerationFilter; expected: number | null }
  /** Looks at each, and changes nothing. */
  isDry: boolean
}

export interface ResubmitInput {
  /** Without this, nothing is sent, and the problem names both amounts. */
  acceptsTwoBills: boolean
  /** Null: the unknown one, or the first that was sent again already. */
  attemptId: AttemptId | null
}

export interface Resubmitted {
  generation: Generation
  /** True where this attempt had been sent again before; nothing was changed. */
  replayed: boolean
}

/**
 * The use cases of generations. Every method takes the calling client; what belongs to another tenant is `not_found`.
 * Failures are thrown as `Problem`.
 */
export interface GenerationService {
  /** Stores the generation before it returns. */
  submit(client: Client, submission: Submission): Promise<Submitted>
  /** The plan that `submit` would follow now; throws `no_upstream` exactly when `submit` would. Sends and stores nothing. */
  plan(client: Client, input: GenerationInput): Promise<RoutePreview>
  get(client: Client, id: GenerationId): Promise<Generation>
  /** When it is expected to be sent (ms since the epoch); null: not known, or it waits no more. */
  startOf(generation: Generation): Promise<number | null>
  /** Resolves at a terminal state or after `waitMs`, whichever is first, or when `signal` aborts. */
  wait(client: Client, id: GenerationId, waitMs: number, signal: AbortSignal): Promise<Generation>
  /** Ends the generation at once, of any tenant with the scope `operate`. Cancelling what has ended answers it unchanged. */
  cancel(client: Client, id: GenerationId): Promise<Generation>
  /** Cancels each as if it were alone, or only looks at it; one row for each, in order. */
  cancelMany(client: Client, asked: CancelManyInput): Promise<CancelRow[]>
  /**
   * Asks the next upstream beside an unknown attempt, once for each, of any tenant with the scope `operate`. Throws
   * `two_bills_possible` with both amounts unless both bills are accepted.
   */
  resubmit(client: Client, id: GenerationId, input: ResubmitInput): Promise<Resubmitted>
  /** Deletes record and media; a live one is cancelled first and throws `conflict` until its attempts are settled. */
  remove(client: Client, id: GenerationId): Promise<void>
  /** History after `afterSeq`, then what happens, until the terminal event or `signal`. Throws `not_found` on first use. */
  events(client: Client, id: GenerationId, afterSeq: number, signal: AbortSignal): AsyncIterable<LogRecord>
  /** What has happened so far after `afterSeq`: at most `limit` records, oldest first. */
  history(
    client: Client,
    id: GenerationId,
    afterSeq: number,
    limit: number,
  ): Promise<{ records: LogRecord[]; hasMore: boolean }>
  video(client: Pick<Client, 'tenant'>, id: GenerationId): Promise<OpenVideo>
  thumbnail(client: Pick<Client, 'tenant'>, id: GenerationId): Promise<Picture>
}
