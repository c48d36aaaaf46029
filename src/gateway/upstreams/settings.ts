import type { AnswerWords, ServerErrorMeaning } from '../domain/routing/answer-words.ts'
import type { UpstreamSpec } from '../domain/routing/upstream.ts'
import type { KeyPair } from './signing/key-pair.ts'

/** One configured upstream, as validated by the configuration. `apiKey` is a secret. */
export interface UpstreamSettings {
  spec: UpstreamSpec
  /** Includes the path prefix of all endpoints, such as `https://api.example.com/v1`. */
  baseUrl: string
  apiKey: string | null
  /** In place of the key, or beside it for the services that want signed calls; `secretKey` is a secret. Absent: none. */
  keyPair?: KeyPair | null
  /** One of the dialect's profiles: see `knownDialects`. */
  profile: string
  /** Traits that override those of the profile: see `openai-videos/traits.ts`. */
  traits?: Readonly<Record<string, unknown>>
  /** An inline description of the dialect, instead of a named one: see `described/description/description.ts`. */
  description?: Readonly<Record<string, unknown>> | null
  timeouts: UpstreamTimeouts
  breaker: BreakerSettings
  /** How long a model is skipped after the upstream reported it as removed, paused or not deployed. */
  modelGoneMs: number
  /** The header of idempotency keys, if the vendor makes one job per key; null otherwise. */
  idempotencyHeader: string | null
  /** Whether a 5xx with the vendor's own error body rejects a create, or leaves its outcome unknown. */
  createServerError: ServerErrorMeaning
  /** Words in this upstream's responses, in addition to the known ones. */
  answers?: AnswerWords
  /** Sent with every request to the upstream's own origin. Values may be secrets. */
  headers?: Readonly<Record<string, string>>
  /** Whether creates name the trace that they belong to. */
  isTraced?: boolean
}

export interface UpstreamTimeouts {
  /** Connect and TLS handshake. */
  connectMs: number
  /** A create of a job or character, including its upload and response. */
  createMs: number
  /** A poll, a cancel, one page of a list. */
  pollMs: number
  /** From requesting a video to its response headers. */
  fetchHeadersMs: number
  /** The maximum time without a byte while a video arrives. */
  fetchIdleMs: number
  /** Absent: no minimum rate for videos. */
  leastRate?: { bytesPerSecond: number; windowMs: number } | undefined
}

/**
 * One breaker per operation. It opens when `failureRate` (0-1) of at least `minCalls` outcomes within `windowMs` are
 * failures.
 */
export interface BreakerSettings {
  failureRate: number
  windowMs: number
  minCalls: number
  /** How long it stays open before a probe is sent. */
  openMs: number
}
