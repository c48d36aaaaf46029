/** The wire formats the simulator speaks; `dialects/registry.ts` names the module of each. */
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
  | 'kling'
  | 'runway'
  | 'vidu'
  | 'veo'
  | 'dashscope'
  | 'gemini-omni'
  | 'pixverse'

/** Who speaks `openai-videos`; what sets them apart is in `dialects/openai-profiles.ts`. */
export type ProfileName = 'openai' | 'azure' | 'new-api' | 'vllm-omni' | 'sglang' | 'trtllm' | 'gemini-compat'

/** The four states of a job, which every vendor has its own words for. */
export type JobState = 'queued' | 'in_progress' | 'completed' | 'failed'

/**
 * How a vendor lets characters be made where its dialect leaves a choice (docs/vendors/resellers.md#characters-at-once):
 * `official` is `POST /videos/characters`, `sync` is `POST /sora/v1/characters`, `job` is a create with a character model,
 * `inline` are fields of an ordinary create.
 */
export type CharacterStyle = 'official' | 'sync' | 'job' | 'inline'

/** Something is done on its n-th poll, or so many milliseconds after it was accepted. */
export type Pace = { polls: number } | { milliseconds: number }

/** Where webhooks go, and the `whsec_…` secret they are signed with (docs/vendors/openai-videos.md#webhooks). */
export interface WebhookTarget {
  url: string
  secret: string
}

/**
 * One vendor the simulator plays: what it offers, what it charges and how it behaves. Faults are not part of it: they are
 * switched on and off while it runs (see fault.ts).
 */
export interface SimulatedUpstream {
  /** Lower-case letters, digits and dashes: it is a path segment of the base URL. */
  id: string
  kind: 'official' | 'reverse' | 'self_hosted'
  dialect: DialectName
  /** Of `openai-videos`. Default `openai`. */
  profile?: ProfileName
  /** What the vendor's header must carry, mostly `Authorization: Bearer …`. */
  apiKey: string
  /** What signs calls where the dialect has them signed, beside the key. Default none: signed calls are refused. */
  keyPair?: { accessKey: string; secretKey: string }
  /** The first one is used when a create names none. `fal-queue` and `wavespeed` have them in the path. */
  models: string[]
  /** Supported lengths in seconds; absent means any whole number from 1 to 120. */
  durations?: number[]
  /** `WIDTHxHEIGHT`; absent means any even size up to 1920 a side. Vendors that use shapes take the first of each shape. */
  sizes?: string[]
  /** Per second: by `WxH`, with `default` for the sizes that are not named. */
  price: { perRequestUsd: number } | { perSecondUsd: Record<string, number> }
  /** `create`: billed when accepted, whatever becomes of the job. `success`: billed when the job completes. */
  chargedOn: 'success' | 'create'
  /** When a job ends. */
  render: Pace
  /** Whether it keeps characters; without, the character endpoints are unknown URLs. */
  characters: boolean

  /**
   * Bills a refusal at create like a video, as synchronous resellers do (docs/vendors/failure-modes.md#charged-refusal).
   * Default false.
   */
  chargesRefusals?: boolean
  /** For one character, billed when it is accepted. Default 0. */
  characterPriceUsd?: number
  /** Default: what the dialect's or profile's vendors offer. */
  characterStyles?: readonly CharacterStyle[]
  /**
   * What a `sync` creation does about `model` (docs/vendors/failure-modes.md#model-field-of-a-character-call). Default:
   * `required` for `openai-videos`, `forbidden` for `create-query` and `v2-generations`.
   */
  characterModel?: 'required' | 'forbidden' | 'ignored'
  /** When a character made by a job is ready. Default on its second poll. */
  characterRender?: Pace
  /** What a `job` character's poll says before it is ready: 404 (tu-zi), or its object without a handle (kfcv50). Default `not_found`. */
  characterPending?: 'not_found' | 'null_handle'
  /**
   * What becomes of an `@name.handle` nobody knows: 400, or it is read as text
   * (docs/vendors/failure-modes.md#foreign-character). Default `reject`.
   */
  unknownHandles?: 'reject' | 'text'

  /** Status of an accepted create. Default 200, or the profile's. */
  createStatus?: 200 | 202
  /**
   * Answers a create of `openai-videos` with `{id, status, polling_url}` alone (ofox, docs/vendors/resellers.md#odd-hosts).
   * Default false.
   */
  briefCreate?: boolean
  /**
   * Leaves null keys and optional keys out of answers (docs/vendors/openai-videos.md#video-object). Default false, true for
   * `azure`.
   */
  sparse?: boolean
  /** Replaces the dialect's words for a job's state, such as `{queued: 'submitted'}` at APIYI. */
  statusWords?: Partial<Record<JobState, string>>
  /** What `seconds` must be in a JSON create of `openai-videos`, and is in its answers. Default `string`, or the profile's. */
  secondsType?: 'string' | 'number'
  /**
   * Unit of `created_at` in `openai-videos`: tu-zi writes milliseconds (docs/vendors/resellers.md#odd-hosts). Default
   * `seconds`.
   */
  timestamps?: 'seconds' | 'milliseconds'
  /**
   * Ids with a colon (tu-zi, Yunwu) or very long ones (LiteLLM, docs/vendors/relays.md#litellm). Default: the dialect's own.
   */
  idForm?: 'colon' | 'long'
  /** Answers 400 to fields of `openai-videos` that the protocol does not know. Default false, true (422) for `trtllm`. */
  rejectUnknownFields?: boolean
  /** Above 1, `vllm-omni` answers 409 to every call about videos. Default 1. */
  apiServers?: number
  /**
   * Answers 400 to multipart without a file, as older SGLang does (docs/vendors/self-hosted-servers.md#sglang). Default
   * false.
   */
  multipartNeedsFile?: boolean
  /**
   * Answers 400 to a reference image that has not exactly the asked size (docs/vendors/openai-videos.md#error-catalogue).
   * Default false.
   */
  strictReferenceSize?: boolean
  /**
   * Unfinished jobs at a time; one more is a 429 about concurrency (docs/vendors/failure-modes.md#concurrency-limit).
   * Default unlimited.
   */
  maxInFlight?: number
  /** A job that is polled again sooner is answered 429 (docs/vendors/failure-modes.md#polled-too-often). Default 0: never. */
  minPollMs?: number
  /** Seconds after completion until content and result URLs die. Default 3600, or what the dialect's vendors promise. */
  expiresAfterSeconds?: number
  /** The `openai-poll-after-ms` header of `openai-videos`. Default 1000. */
  pollAfterMs?: number
  /**
   * Where a finished job's URL stands. Adds the key to `openai-videos`; replaces `video_url` in `create-query`, where Juxin
   * nests it (docs/vendors/resellers.md#create-and-query). Default none, or the profile's.
   */
  urlField?: 'url' | 'video_url' | 'metadata.url' | 'detail.url' | 'detail.draft_info.downloadable_url'
  /**
   * Who may fetch a result URL (docs/vendors/resellers.md#downloads-and-keys): `open` anybody; `guarded` only with the
   * upstream's key, under its own base URL; `signed` on another origin, where a request that carries credentials is a 400.
   * Default `open`, `guarded` for `gemini-compat`.
   */
  files?: 'open' | 'guarded' | 'signed'
  /**
   * The model named in answers, whatever was asked: silent substitution (docs/vendors/failure-modes.md#silent-substitution).
   */
  echoModel?: string
  /**
   * Whether it remixes, edits and extends its own videos (docs/vendors/openai-videos.md#start-from-a-video). Default: for
   * `official`, and remix for `new-api`.
   */
  remixes?: boolean
  /** Edits and extends uploaded files too, as approved customers could. Default false. */
  videoUploads?: boolean
  /** DELETE ends a running job (vLLM-Omni) instead of answering 400. Default: for `self_hosted` and for profiles that do. */
  deleteCancels?: boolean
  /**
   * Refuses in words that say nothing of moderation (TensorRT-LLM's guardrail,
   * docs/vendors/self-hosted-servers.md#tensorrt-llm). Default: only for `trtllm`.
   */
  silentRefusals?: boolean
  /** How a failed task of `sora-tasks` says why: `code: message` or `{code, message}`. Default `string`. */
  taskError?: 'string' | 'object'
  /** Errors of `dashscope`, `kie-jobs`, `grsai`, `pixverse` and `wavespeed` come with HTTP 200, the code in the body. Default true, false for `wavespeed`. */
  errorsIn200?: boolean
  /**
   * A key of its own for the asset calls of `volc-asset` (docs/vendors/job-apis.md#seedance-and-its-assets). Default
   * `apiKey`.
   */
  assetKey?: string
  /** Asset groups of `volc-asset` that are there from the beginning. Default none. */
  assetGroups?: readonly string[]
  /**
   * The header, such as `Idempotency-Key`, under which a repeated create gets the first job (or character) again instead of
   * a second one; the same key with another order is a 422. Default: no header is honoured.
   */
  idempotencyHeader?: string
  /** Where `openai-videos` reports ended jobs; can be set later with `control.setWebhook`. Default nowhere. */
  webhook?: WebhookTarget
  /** Every render of one length and size shows the same clip, so that load tests pay for one encode. Default false. */
  oneClip?: boolean
}
