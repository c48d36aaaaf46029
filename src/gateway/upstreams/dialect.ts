import type { Json } from '../domain/json.ts'
import type {
  CancelOutcome,
  CharacterOutcome,
  CreateOutcome,
  Job,
  JobReport,
} from '../domain/attempts/outcome.ts'
import type { CreateCharacterRequest, CreateRequest, CreateSource, ListedJob } from '../ports/upstream.ts'
import type { DownloadTarget } from './transport/download.ts'
import type { Answer, TransportResult } from './transport/exchange.ts'
import type { ApiCall } from './transport/api-call.ts'
import type { Signature } from './signing/signature.ts'

/** An answer with the instant it came (ms since epoch): waits like `Retry-After` count from there. */
export type ReceivedAnswer = Answer & { receivedAt: number }

/** How a call ended. */
export type CallResult = ({ type: 'answer' } & ReceivedAnswer) | Exclude<TransportResult, { type: 'answer' }>

/** What this protocol cannot say; nothing is sent. */
export interface Unsupported {
  type: 'unsupported'
  message: string
}

/** What calls before a create have brought, for the placeholders of the create. */
export type PreparedValues = Readonly<Record<string, Json>>

export interface Preparation {
  call: ApiCall
  decode(answer: ReceivedAnswer): Prepared | CreateOutcome
}

/** `further`: the next call that has to be made before the create. */
export type Prepared =
  { type: 'prepared'; values: PreparedValues } | { type: 'further'; preparation: Preparation }

/** Another call that has to be made before the answer is known; `decode` reads what it answers. */
export interface FollowUp<T> {
  type: 'follow_up'
  call: ApiCall
  decode(answer: ReceivedAnswer): T | FollowUp<T>
}

/**
 * A wire protocol as pure encode and decode. It knows neither sockets nor clocks, so that it is tested with recorded
 * answers. What a protocol has no call for is null. Operations and results are the dialect's own JSON: stored by others,
 * parsed again here, and a stored one that does not parse is a bug and throws.
 */
export interface Dialect {
  /** What goes with every request instead of a bearer token; absent where it is one. */
  headers?(apiKey: string | null): Record<string, string>
  /** How a key pair signs the calls to the upstream itself; absent where it has single keys only. */
  signature?: Signature
  /** Further hosts that calls go to, by the name in `ApiCall.service`; their calls are signed. */
  services?: Readonly<Record<string, { baseUrl: string; signature: Signature }>>
  /** The header of an idempotency key that every vendor of this protocol honours. */
  idempotencyHeader?: string
  mention(character: { handle: string; name: string; position?: number }): string
  /** What has to be done before a create, such as an upload: it makes no job, so it may be repeated. Null: nothing. */
  prepare?(request: CreateRequest): Preparation | null
  create: {
    encode(request: CreateRequest, prepared?: PreparedValues): ApiCall | Unsupported
    decode(answer: ReceivedAnswer, request: CreateRequest, prepared?: PreparedValues): CreateOutcome
  }
  /** The job that a create under this key makes, where the client names its jobs itself. */
  jobOf?: (idempotencyKey: string) => Job
  /** A create that starts from a video; absent where the protocol has none. */
  derive?: {
    encode(request: CreateRequest, source: CreateSource): ApiCall | Unsupported
    decode(answer: ReceivedAnswer, request: CreateRequest): CreateOutcome
  }
  /** The operation of a job of which only the id is known, and what it was asked for; null where that is not enough. */
  jobNamed: (upstreamId: string, request: CreateRequest) => Json | null
  poll: {
    encode(operation: Json): ApiCall
    /** `operation` is what was asked about, where a further call needs it. */
    decode(answer: ReceivedAnswer, operation?: Json): JobReport | FollowUp<JobReport>
  }
  /** Where the finished video may be, the likeliest place first, and when the vendor drops it (ms since epoch; null when not said). */
  locate(operation: Json, result: Json): { targets: readonly DownloadTarget[]; expiresAt: number | null }
  cancel: {
    encode(operation: Json): ApiCall
    decode(answer: ReceivedAnswer, operation?: Json): CancelOutcome | FollowUp<CancelOutcome>
  } | null
  list: {
    /** Whether a job that is not in the list does not exist; otherwise the list can only find jobs. */
    isAuthority: boolean
    /** `after`: the last id of the page before, null for the first page. Newest first. */
    encode(after: string | null): ApiCall
    decode(answer: ReceivedAnswer): ListPage
  } | null
  character: {
    /** Whether a finished job can be the source; otherwise it is always the clip. */
    takesJobs: boolean
    encode(request: CreateCharacterRequest): ApiCall
    decode(
      answer: ReceivedAnswer,
      request: CreateCharacterRequest,
    ): CharacterOutcome | FollowUp<CharacterOutcome>
    /** Where characters take their time; null where every answer is final. */
    poll: {
      encode(operation: Json): ApiCall
      decode(answer: ReceivedAnswer, operation: Json): CharacterOutcome | FollowUp<CharacterOutcome>
    } | null
  } | null
  /** Whether a status word is one that the protocol is known to use. */
  knowsStatus(word: string): boolean
}

export type ListPage =
  /** `skipped`: entries that could not be read. `next` is what to ask after; null on the last page. */
  | { type: 'page'; jobs: ListedJob[]; skipped: number; next: string | null }
  | { type: 'unsupported' }
  | { type: 'unreachable'; message: string }
