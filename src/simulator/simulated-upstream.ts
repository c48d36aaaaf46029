/**
 * One vendor the simulator plays: what it sells, what it charges and how it behaves. Faults are not part of it: they are
 * switched on and off while it runs (see fault.ts).
 */
export interface SimulatedUpstream {
  /** Lower-case letters, digits and dashes: it is a path segment of the base URL. */
  id: string
  kind: 'official' | 'reverse' | 'self_hosted'
  dialect: 'openai-videos' | 'sora-tasks'
  /** What `Authorization: Bearer …` must carry under this upstream's base URL. */
  apiKey: string
  /** The first one is used when a create names none. */
  models: string[]
  /** Seconds it sells; absent means any whole number from 1 to 120. */
  durations?: number[]
  /** `WIDTHxHEIGHT`; absent means any even size up to 1920 a side. */
  sizes?: string[]
  /** Per second: by `WxH`, with `default` for the sizes that are not named. */
  price: { perRequestUsd: number } | { perSecondUsd: Record<string, number> }
  /** `create`: billed when accepted, whatever becomes of the job. `success`: billed when the job completes. */
  chargedOn: 'success' | 'create'
  /** A job ends on its n-th poll, or so many milliseconds after it was accepted. */
  render: { polls: number } | { milliseconds: number }
  /** Whether it keeps characters; without, the character endpoints are unknown URLs. */
  characters: boolean

  /** Status of an accepted create. Default 200; TensorRT-LLM and some relays answer 202. */
  createStatus?: 200 | 202
  /** Leaves null keys and optional keys out of answers (official-api.md §2.3). Default false. */
  sparse?: boolean
  /** What `seconds` must be in a JSON create of `openai-videos`, and is in its answers. Default `string`. */
  secondsType?: 'string' | 'number'
  /** Answers 400 to fields of `openai-videos` that the protocol does not know. Default false: they are ignored. */
  rejectUnknownFields?: boolean
  /** Answers 400 to a reference image that has not exactly the asked size (official-api.md §3.2). Default false. */
  strictReferenceSize?: boolean
  /** Unfinished jobs at a time; one more is a 429 about concurrency (official-api.md §5 row 11). Default unlimited. */
  maxInFlight?: number
  /** Seconds after completion until content and signed URLs die. Default 3600. */
  expiresAfterSeconds?: number
  /** The `openai-poll-after-ms` header of `openai-videos`. Default 1000. */
  pollAfterMs?: number
  /** Adds this key with a public URL to a completed video of `openai-videos`, as relays do. Default none. */
  urlField?: 'url' | 'video_url'
  /** The model named in answers, whatever was asked: silent substitution (official-api.md §5 row 21). */
  echoModel?: string
  /** Whether it remixes, edits and extends its own videos (official-api.md §2.7-2.9). Default: only for `official`. */
  remixes?: boolean
  /** Edits and extends uploaded files too, as approved customers could. Default false. */
  videoUploads?: boolean
  /** DELETE ends a running job (vLLM-Omni) instead of answering 400. Default: only for `self_hosted`. */
  deleteCancels?: boolean
  /** How a failed task of `sora-tasks` says why: `code: message` or `{code, message}`. Default `string`. */
  taskError?: 'string' | 'object'
  /** Every render of one length and size shows the same clip, so that load tests pay for one encode. Default false. */
  oneClip?: boolean
}
