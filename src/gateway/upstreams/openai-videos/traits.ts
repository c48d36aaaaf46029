import { z } from 'zod'
import { sourceCalls } from '../../domain/routing/upstream.ts'

/**
 * How a server of the protocol differs from the others (docs/vendors/openai-videos.md#who-speaks-it). Snake case, because
 * configurations set them.
 */
export const traitsSchema = z.strictObject({
  /** The header that carries the key. */
  auth: z.enum(['bearer', 'api-key']),
  /** Of a create; `json_without_file`: multipart only where there is a file to send. */
  encoding: z.enum(['multipart', 'json', 'json_without_file']),
  /** How the length is written, under which name, and whether it has to be a whole number. */
  seconds: z.enum(['text', 'number']),
  seconds_field: z.enum(['seconds', 'duration_seconds', 'duration']),
  whole_seconds: z.boolean(),
  /** The longest that the server takes; null where it sets no limit. */
  max_seconds: z.number().min(0.1).nullable(),
  /** `1280x720`, or `16:9` beside a resolution such as `720p`. */
  size: z.enum(['pixels', 'aspect_ratio']),
  /** The field of a reference input, and what stands in it; `image_url` is an object around the URL. */
  reference: z.enum(['input_reference', 'image']),
  reference_as: z.enum(['file', 'url', 'image_url']),
  /** Whether `influence_strength` may be sent; some servers reject unknown fields. */
  influence: z.boolean(),
  /** Where a finished video is; `either`: at a URL that the answer names, else at the endpoint. `json`: the endpoint names a URL. */
  content: z.enum(['endpoint', 'url', 'either', 'json']),
  /** Whether a delete ends a running job. */
  cancel: z.boolean(),
  /**
   * Whether jobs can be listed. `partial`: a job may be found in the list, and one that is not there may exist all the same;
   * only a documented list of the server that renders may deny a job.
   */
  list: z.union([z.boolean(), z.literal('partial')]),
  /** The calls that start from a video: remix, edit and extension; a remix of its own videos; or none. */
  sources: z.enum(sourceCalls),
  /**
   * How characters are made. `videos`: the protocol's own call. `sora_v1`, `job`:
   * docs/vendors/resellers.md#characters-at-once and docs/vendors/resellers.md#characters-by-job.
   */
  characters: z.enum(['videos', 'sora_v1', 'job', 'none']),
  /**
   * Whether a create may carry the clip of a character instead (`character_url`;
   * docs/vendors/resellers.md#characters-in-the-create).
   */
  inline_characters: z.boolean(),
  /**
   * `model` in the call that makes a character; some demand it, some break on it
   * (docs/vendors/failure-modes.md#model-field-of-a-character-call).
   */
  character_model: z.string().min(1).nullable(),
})

export type Traits = Readonly<z.output<typeof traitsSchema>>

/**
 * The protocol as its vendor documented it (docs/vendors/openai-videos.md#endpoints); multipart always, as the newest SDKs
 * send it.
 */
const official: Traits = {
  auth: 'bearer',
  encoding: 'multipart',
  seconds: 'text',
  seconds_field: 'seconds',
  whole_seconds: false,
  max_seconds: null,
  size: 'pixels',
  reference: 'input_reference',
  reference_as: 'file',
  influence: true,
  content: 'either',
  cancel: false,
  list: true,
  sources: 'all',
  characters: 'videos',
  inline_characters: false,
  character_model: null,
}

const selfHosted = {
  ...official,
  influence: false,
  content: 'endpoint',
  sources: 'none',
  characters: 'none',
} as const

export const profiles = {
  openai: official,
  /**
   * The model is the deployment's name; of the calls that start from a video it documents the remix
   * (docs/vendors/openai-videos.md#azure).
   */
  azure: { ...official, auth: 'api-key', influence: false, content: 'endpoint', sources: 'remix' },
  /**
   * And the resellers built on it: no list (where there is one after all it is of the relay's own books: `partial`), no
   * delete; the video at a URL or relayed (docs/vendors/relays.md#new-api).
   */
  'new-api': { ...official, list: false, sources: 'remix', characters: 'sora_v1', inline_characters: true },
  /** Forms only, whole seconds; a delete stops a running job (docs/vendors/self-hosted-servers.md#vllm-omni). */
  'vllm-omni': { ...selfHosted, whole_seconds: true, cancel: true },
  /** Older versions reject a form without a file; seconds are a number. A delete only hides a job, which keeps running. */
  sglang: {
    ...selfHosted,
    encoding: 'json_without_file',
    seconds: 'number',
    whole_seconds: true,
    content: 'either',
  },
  /** Unknown fields are refused with 422; its list is kept in memory. */
  trtllm: {
    ...selfHosted,
    encoding: 'json_without_file',
    seconds: 'number',
    max_seconds: 60,
    cancel: true,
  },
  /** Its own field names, and a URL that wants the key (docs/vendors/openai-videos.md#gemini). */
  'gemini-compat': {
    ...selfHosted,
    seconds_field: 'duration_seconds',
    whole_seconds: true,
    size: 'aspect_ratio',
    reference: 'image',
    content: 'url',
    list: false,
  },
  /**
   * Its proxy passes creates on, and repeats them by itself unless it is told not to; its list asks one vendor, whichever has
   * the jobs.
   */
  litellm: { ...official, list: false, sources: 'none', characters: 'none' },
  /** For servers that read multipart only with a file in it, and end a running job when it is deleted; their lists have not been checked. */
  generic: {
    ...official,
    encoding: 'json_without_file',
    cancel: true,
    list: 'partial',
    inline_characters: true,
  },
} as const satisfies Record<string, Traits>

/** What servers of a profile are sent with every request. */
export const profileHeaders: Readonly<Partial<Record<ProfileName, Record<string, string>>>> = {
  litellm: { 'x-litellm-num-retries': '0' },
}

export type ProfileName = keyof typeof profiles

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(profiles, name)
}

/** The traits of a profile, with those that a configuration sets over them. */
export function traitsOf(profile: ProfileName, changes: Readonly<Record<string, unknown>> = {}): Traits {
  return traitsSchema.parse({ ...profiles[profile], ...changes })
}
