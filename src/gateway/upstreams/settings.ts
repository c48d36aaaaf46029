import type { AnswerWords, ServerErrorMeaning } from '../domain/routing/answer-words.ts'
import type { UpstreamSpec } from '../domain/routing/upstream.ts'
import type { KeyPair } from './signing/key-pair.ts'

/** One configured upstream, checked by the configuration; `apiKey` is a secret. */
export interface UpstreamSettings {
  spec: UpstreamSpec
  /** With the path prefix that every endpoint of the dialect stands below, such as `https://api.example.com/v1`. */
  baseUrl: string
  apiKey: string | null
  /** In place of the key, or beside it for the services that want signed calls; `secretKey` is a secret. Absent: none. */
  keyPair?: KeyPair | null
  /** One of the dialect's profiles: see `knownDialects`. */
  profile: string
  /** Traits set over those of the profile: see `openai-videos-traits.ts`. */
  traits?: Readonly<Record<string, unknown>>
  /** An inline description of the dialect, in place of a named one: see `described/description.ts`. */
  description?: Readonly<Record<string, unknown>> | null
  timeouts: UpstreamTimeouts
  breaker: BreakerSettings
  /** How long a model that the upstream says is gone, paused or not deployed is left alone. */
  modelGoneMs: number
  /** The header under which the vendor takes an idempotency key and makes one job of it; null where it has none. */
  idempotencyHeader: string | null
  /** What a 5xx with a vendor's error body says about a create: nothing, or that it was definitely not accepted. */
  createServerError: ServerErrorMeaning
  /** Words of this upstream's answers, over those that are known. */
  answers?: AnswerWords
  /** Sent with every request to the upstream's own origin; values may be secrets. */
  headers?: Readonly<Record<string, string>>
}

export interface UpstreamTimeouts {
  /** Dialling and TLS. */
  connectMs: number
  /** A create of a job or a character, its upload and its answer included. */
  createMs: number
  /** A poll, a cancel, one page of a list. */
  pollMs: number
  /** From asking for a video to the headers of the answer. */
  fetchHeadersMs: number
  /** Without a byte while a video arrives. */
  fetchIdleMs: number
  /** Absent: a video may come as slowly as it likes. */
  leastRate?: { bytesPerSecond: number; windowMs: number } | undefined
}

/** One breaker per operation. It opens at `failureRate` (0-1) of at least `minCalls` outcomes within `windowMs`. */
export interface BreakerSettings {
  failureRate: number
  windowMs: number
  minCalls: number
  /** How long it stays open before a probe is let through. */
  openMs: number
}
