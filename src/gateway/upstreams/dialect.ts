import type { Json } from '../domain/json.ts'
import type {
  CancelOutcome,
  CharacterOutcome,
  CreateOutcome,
  Job,
  JobReport,
} from '../domain/attempts/outcome.ts'
import type { ProbeOperation, ProbeReading } from '../domain/steering/probe.ts'
import type { CreateCharacterRequest, CreateRequest, CreateSource, ListedJob } from '../ports/upstream.ts'
import type { DownloadTarget } from './transport/download.ts'
import type { Answer, TransportResult } from './transport/exchange.ts'
import type { ApiCall } from './transport/api-call.ts'
import type { Signature } from './signing/signature.ts'

/** A response with the time it arrived (ms since the epoch), from which waits like `Retry-After` count. */
export type ReceivedAnswer = Answer & { receivedAt: number }

/** How a call ended. */
export type CallResult = ({ type: 'answer' } & ReceivedAnswer) | Exclude<TransportResult, { type: 'answer' }>

/** The protocol cannot express this request. Nothing is sent. */
export interface Unsupported {
  type: 'unsupported'
  message: string
}

/** Values from calls before a create, for the placeholders of the create. */
export type PreparedValues = Readonly<Record<string, Json>>

export interface Preparation {
  call: ApiCall
  decode(answer: ReceivedAnswer): Prepared | CreateOutcome
}

/** `further`: the next call that must be made before the create. */
export type Prepared =
  { type: 'prepared'; values: PreparedValues } | { type: 'further'; preparation: Preparation }

/** Another call that must be made before the outcome is known; `decode` reads its response. */
export interface FollowUp<T> {
  type: 'follow_up'
  call: ApiCall
  decode(answer: ReceivedAnswer): T | FollowUp<T>
}

/**
 * A wire protocol as pure encode and decode functions. It has no access to sockets or clocks, so it is tested with
 * recorded responses. Calls that the protocol lacks are null. Operations and results are the dialect's own JSON: others
 * store them, and they are parsed again here. A stored one that does not parse is a bug, and throws.
 */
export interface Dialect {
  /** Headers that replace the bearer token; absent if the protocol uses one. */
  headers?(apiKey: string | null): Record<string, string>
  /** How a key pair signs the calls to the upstream itself; absent where it has single keys only. */
  signature?: Signature
  /** Further hosts that calls go to, by the name in `ApiCall.service`; their calls are signed. */
  services?: Readonly<Record<string, { baseUrl: string; signature: Signature }>>
  /** A header that every request has with an id of its own; absent if the vendor wants none. */
  requestIdHeader?: string
  /** The idempotency header, if every vendor of this protocol honours it. */
  idempotencyHeader?: string
  mention(character: { handle: string; name: string; position?: number }): string
  /** See `Upstream.imageMention`. */
  imageMention?: (position: number) => string
  /** What must be done before a create, such as an upload. It creates no job, so it may be repeated. Null: nothing. */
  prepare?(request: CreateRequest): Preparation | null
  create: {
    encode(request: CreateRequest, prepared?: PreparedValues): ApiCall | Unsupported
    decode(answer: ReceivedAnswer, request: CreateRequest, prepared?: PreparedValues): CreateOutcome
  }
  /** The job that a create with this key makes, for protocols where the client chooses the job id. */
  jobOf?: (idempotencyKey: string) => Job
  /** A create that starts from a video; absent if the protocol has none. */
  derive?: {
    encode(request: CreateRequest, source: CreateSource): ApiCall | Unsupported
    decode(answer: ReceivedAnswer, request: CreateRequest): CreateOutcome
  }
  /** The operation of a job of which only the id and the request are known; null if that is not enough. */
  jobNamed: (upstreamId: string, request: CreateRequest) => Json | null
  poll: {
    encode(operation: Json): ApiCall
    /** `operation` is the polled job, for follow-up calls. */
    decode(answer: ReceivedAnswer, operation?: Json): JobReport | FollowUp<JobReport>
  }
  /**
   * Where the finished video may be, the most likely first, and when the vendor deletes it (ms since the epoch; null if
   * unknown).
   */
  locate(operation: Json, result: Json): { targets: readonly DownloadTarget[]; expiresAt: number | null }
  cancel: {
    encode(operation: Json): ApiCall
    decode(answer: ReceivedAnswer, operation?: Json): CancelOutcome | FollowUp<CancelOutcome>
  } | null
  list: {
    /** True if a job that is not listed does not exist. Otherwise the list can only find jobs. */
    isAuthority: boolean
    /** `after`: the last id of the previous page, null for the first page. Newest first. */
    encode(after: string | null): ApiCall
    decode(answer: ReceivedAnswer): ListPage
  } | null
  /** The calls that cost nothing and create nothing. Absent: none. */
  probes?: readonly Probe[]
  character: {
    /** Whether a finished job can be the source. Otherwise the source is always the clip. */
    takesJobs: boolean
    encode(request: CreateCharacterRequest): ApiCall
    decode(
      answer: ReceivedAnswer,
      request: CreateCharacterRequest,
    ): CharacterOutcome | FollowUp<CharacterOutcome>
    /** How to poll a character that is being created; null if every response is final. */
    poll: {
      encode(operation: Json): ApiCall
      decode(answer: ReceivedAnswer, operation: Json): CharacterOutcome | FollowUp<CharacterOutcome>
    } | null
  } | null
  /** Whether the protocol is known to use this status word. */
  knowsStatus(word: string): boolean
}

export interface Probe {
  operation: ProbeOperation
  call: ApiCall
  decode: (answer: ReceivedAnswer) => ProbeReading
}

export type ListPage =
  /** `skipped`: the number of unreadable entries. `next`: the `after` of the next page; null on the last page. */
  | { type: 'page'; jobs: ListedJob[]; skipped: number; next: string | null }
  | { type: 'unsupported' }
  | { type: 'unreachable'; message: string }
