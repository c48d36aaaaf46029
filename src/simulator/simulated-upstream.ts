/** The wire formats of the simulator; `dialects/registry.ts` has the module of each. */
export type DialectName =
  | 'openai-videos'
  | 'sora-tasks'
  | 'create-query'
  | 'v2-generations'
  | 'kie-jobs'
  | 'grsai'
  | 'fal-queue'
  | 'wavespeed'
  | 'volc-asset'
  | 'comfyui'
  | 'openrouter'
  | 'ark-tasks'
  | 'minimax-v2'
  | 'xai'
  | 'replicate'
  | 'luma'
  | 'kling'
  | 'runway'
  | 'vidu'
  | 'veo'
  | 'dashscope'
  | 'gemini-omni'
  | 'pixverse'

/** Servers of `openai-videos`; `dialects/openai-videos/profiles.ts` says how they differ. */
export type ProfileName = 'openai' | 'azure' | 'new-api' | 'vllm-omni' | 'sglang' | 'trtllm' | 'gemini-compat'

/** The four states of a job. Every vendor has its own words for them. */
export type JobState = 'queued' | 'in_progress' | 'completed' | 'failed'

/**
 * How characters are created, where the dialect leaves a choice (docs/vendors/resellers.md#characters-at-once):
 * `official` is `POST /videos/characters`, `sync` is `POST /sora/v1/characters`, `job` is a create with a character
 * model, `inline` are fields of an ordinary create.
 */
export type CharacterStyle = 'official' | 'sync' | 'job' | 'inline'

/** Done on the n-th poll, or this many milliseconds after it was accepted. */
export type Pace = { polls: number } | { milliseconds: number }

/** The target of webhooks, and the `whsec_…` secret for their signatures (docs/vendors/openai-videos.md#webhooks). */
export interface WebhookTarget {
  url: string
  secret: string
}

/**
 * One simulated vendor: its offer, prices and behaviour. Faults are separate: they are set and cleared at run time (see
 * fault.ts).
 */
export interface SimulatedUpstream {
  /** Lower-case letters, digits and dashes, because it is a path segment of the base URL. */
  id: string
  kind: 'official' | 'reverse' | 'self_hosted'
  dialect: DialectName
  /** For `openai-videos`. Default `openai`. */
  profile?: ProfileName
  /** The key that the vendor's header must contain, mostly as `Authorization: Bearer …`. */
  apiKey: string
  /** What signs calls where the dialect has them signed, beside the key. Default none: signed calls are refused. */
  keyPair?: { accessKey: string; secretKey: string }
  /** The first one is the default. `fal-queue` and `wavespeed` have the model in the path. */
  models: string[]
  /** Supported lengths in seconds; absent means any whole number from 1 to 120. */
  durations?: number[]
  /** `WIDTHxHEIGHT`; absent means any even size up to 1920 per side. Vendors with shapes use the first size of each shape. */
  sizes?: string[]
  /** Per second: by `WxH`, with `default` for all other sizes. */
  price: { perRequestUsd: number } | { perSecondUsd: Record<string, number> }
  /** `create`: billed when accepted, even if the job fails. `success`: billed when the job completes. */
  chargedOn: 'success' | 'create'
  /** When a job ends. */
  render: Pace
  /** How many polls find a job still waiting. Default 0: it runs at its first poll. */
  queuePolls?: number
  /** Whether it stores characters. Otherwise the character endpoints are unknown URLs. */
  characters: boolean

  /**
   * Bills a refusal at create like a video, as synchronous resellers do (docs/vendors/failure-modes.md#charged-refusal).
   * Default false.
   */
  chargesRefusals?: boolean
  /** What is left on the account, in the unit of the vendor. Default 1000. */
  balance?: number
  /** The price of a character, billed when it is accepted. Default 0. */
  characterPriceUsd?: number
  /** Default: all that the vendors of the dialect or profile support. */
  characterStyles?: readonly CharacterStyle[]
  /**
   * How a `sync` creation treats `model` (docs/vendors/failure-modes.md#model-field-of-a-character-call). Default:
   * `required` for `openai-videos`, `forbidden` for `create-query` and `v2-generations`.
   */
  characterModel?: 'required' | 'forbidden' | 'ignored'
  /** When a character of a job is ready. Default: on its second poll. */
  characterRender?: Pace
  /**
   * The response to polling a `job` character before it is ready: 404 (tu-zi), or its object without a handle (kfcv50).
   * Default `not_found`.
   */
  characterPending?: 'not_found' | 'null_handle'
  /**
   * How an unknown `@name.handle` is treated: as a 400, or as text (docs/vendors/failure-modes.md#foreign-character).
   * Default `reject`.
   */
  unknownHandles?: 'reject' | 'text'

  /** The status of an accepted create. Default 200, or the profile's. */
  createStatus?: 200 | 202
  /**
   * Answers a create of `openai-videos` with only `{id, status, polling_url}` (ofox,
   * docs/vendors/resellers.md#odd-hosts). Default false.
   */
  briefCreate?: boolean
  /**
   * Omits null and optional keys in responses (docs/vendors/openai-videos.md#video-object). Default false, true for
   * `azure`.
   */
  sparse?: boolean
  /** Replaces the dialect's words for the state of a job, such as `{queued: 'submitted'}` at APIYI. */
  statusWords?: Partial<Record<JobState, string>>
  /** The type of `seconds` in JSON creates and responses of `openai-videos`. Default `string`, or the profile's. */
  secondsType?: 'string' | 'number'
  /**
   * The unit of `created_at` in `openai-videos`: tu-zi sends milliseconds (docs/vendors/resellers.md#odd-hosts).
   * Default `seconds`.
   */
  timestamps?: 'seconds' | 'milliseconds'
  /**
   * Ids with a colon (tu-zi, Yunwu) or very long ones (LiteLLM, docs/vendors/relays.md#litellm). Default: the dialect's own.
   */
  idForm?: 'colon' | 'long'
  /** Rejects unknown fields of `openai-videos` with 400. Default false, true (422) for `trtllm`. */
  rejectUnknownFields?: boolean
  /** Above 1, `vllm-omni` answers 409 to every call about videos. Default 1. */
  apiServers?: number
  /**
   * Rejects multipart without a file with 400, as older SGLang does (docs/vendors/self-hosted-servers.md#sglang).
   * Default false.
   */
  multipartNeedsFile?: boolean
  /**
   * Rejects a reference image that does not have exactly the requested size with 400
   * (docs/vendors/openai-videos.md#error-catalogue). Default false.
   */
  strictReferenceSize?: boolean
  /**
   * The maximum number of unfinished jobs; one more is a 429 about concurrency
   * (docs/vendors/failure-modes.md#concurrency-limit). Default unlimited.
   */
  maxInFlight?: number
  /** Polling a job again sooner is a 429 (docs/vendors/failure-modes.md#polled-too-often). Default 0: never. */
  minPollMs?: number
  /**
   * Seconds after completion until content and result URLs expire. Default 3600, or the lifetime that the dialect's
   * vendors promise.
   */
  expiresAfterSeconds?: number
  /** The `openai-poll-after-ms` header of `openai-videos`. Default 1000. */
  pollAfterMs?: number
  /**
   * The field with a finished job's URL. Adds the key to `openai-videos`; replaces `video_url` in `create-query`, where
   * Juxin nests it (docs/vendors/resellers.md#create-and-query). Default none, or the profile's.
   */
  urlField?: 'url' | 'video_url' | 'metadata.url' | 'detail.url' | 'detail.draft_info.downloadable_url'
  /**
   * Who can fetch a result URL (docs/vendors/resellers.md#downloads-and-keys): `open` anyone; `guarded` only with the
   * upstream's key, below its own base URL; `signed` on another origin, where a request with credentials is a 400.
   * Default `open`, `guarded` for `gemini-compat`.
   */
  files?: 'open' | 'guarded' | 'signed'
  /**
   * The model in responses, whatever was requested: silent substitution
   * (docs/vendors/failure-modes.md#silent-substitution).
   */
  echoModel?: string
  /**
   * Whether it remixes, edits and extends its own videos (docs/vendors/openai-videos.md#start-from-a-video). Default: for
   * `official`, and remix for `new-api`.
   */
  remixes?: boolean
  /** Also edits and extends uploaded files, as approved customers could. Default false. */
  videoUploads?: boolean
  /**
   * DELETE ends a running job (vLLM-Omni) instead of returning 400. Default: true for `self_hosted` and for profiles
   * that do.
   */
  deleteCancels?: boolean
  /**
   * Refusals do not mention moderation (TensorRT-LLM's guardrail, docs/vendors/self-hosted-servers.md#tensorrt-llm).
   * Default: only for `trtllm`.
   */
  silentRefusals?: boolean
  /** The format of the error of a failed `sora-tasks` task: `code: message` or `{code, message}`. Default `string`. */
  taskError?: 'string' | 'object'
  /** Errors of `dashscope`, `kie-jobs`, `grsai`, `pixverse` and `wavespeed` come with HTTP 200, the code in the body. Default true, false for `wavespeed`. */
  errorsIn200?: boolean
  /**
   * A separate key for the asset calls of `volc-asset` (docs/vendors/job-apis.md#seedance-and-its-assets). Default
   * `apiKey`.
   */
  assetKey?: string
  /** Asset groups of `volc-asset` that exist at the start. Default none. */
  assetGroups?: readonly string[]
  /**
   * The header, such as `Idempotency-Key`, with which a repeated create returns the first job (or character) instead of
   * a second one; the same key with another request is a 422. Default: no header is supported.
   */
  idempotencyHeader?: string
  /** Where `openai-videos` reports ended jobs; `control.setWebhook` can change it. Default none. */
  webhook?: WebhookTarget
  /** All renders of one length and size return the same clip, so that load tests encode only once. Default false. */
  oneClip?: boolean
}
