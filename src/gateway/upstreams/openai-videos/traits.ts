import { z } from 'zod'
import { sourceCalls } from '../../domain/routing/upstream.ts'

/**
 * How servers of this protocol differ (docs/vendors/openai-videos.md#who-speaks-it). Snake case, because configurations
 * set them.
 */
export const traitsSchema = z.strictObject({
  /** The header that carries the key. */
  auth: z.enum(['bearer', 'api-key']),
  /** The encoding of a create. `json_without_file`: multipart only with a file. */
  encoding: z.enum(['multipart', 'json', 'json_without_file']),
  /** The type of the length, its field name, and whether it must be a whole number. */
  seconds: z.enum(['text', 'number']),
  seconds_field: z.enum(['seconds', 'duration_seconds', 'duration']),
  whole_seconds: z.boolean(),
  /** The longest supported length; null for no limit. */
  max_seconds: z.number().min(0.1).nullable(),
  /** `1280x720`, or `16:9` beside a resolution such as `720p`. */
  size: z.enum(['pixels', 'aspect_ratio']),
  /** The field of a reference input, and its format; `image_url` is an object around the URL. */
  reference: z.enum(['input_reference', 'image']),
  reference_as: z.enum(['file', 'url', 'image_url']),
  /** Whether `influence_strength` is supported; some servers reject unknown fields. */
  influence: z.boolean(),
  /**
   * Where a finished video is. `either`: at a URL in the response, otherwise at the endpoint. `json`: the endpoint
   * returns a URL.
   */
  content: z.enum(['endpoint', 'url', 'either', 'json']),
  /** Whether a delete ends a running job. */
  cancel: z.boolean(),
  /**
   * Whether jobs can be listed. `partial`: listed jobs exist, but a job that is not listed may exist too. Only a
   * documented list of the rendering server proves that a job does not exist.
   */
  list: z.union([z.boolean(), z.literal('partial')]),
  /** The supported calls that start from a video: remix, edit and extension; only a remix of its own videos; or none. */
  sources: z.enum(sourceCalls),
  /**
   * How characters are created. `videos`: the protocol's own call. `sora_v1`, `job`:
   * docs/vendors/resellers.md#characters-at-once and docs/vendors/resellers.md#characters-by-job.
   */
  characters: z.enum(['videos', 'sora_v1', 'job', 'none']),
  /**
   * Whether a create may include the clip of a character instead (`character_url`;
   * docs/vendors/resellers.md#characters-in-the-create).
   */
  inline_characters: z.boolean(),
  /**
   * `model` in the call that creates a character; some servers require it, some fail with it
   * (docs/vendors/failure-modes.md#model-field-of-a-character-call).
   */
  character_model: z.string().min(1).nullable(),
})

export type Traits = Readonly<z.output<typeof traitsSchema>>

/**
 * The protocol as documented by OpenAI (docs/vendors/openai-videos.md#endpoints). Always multipart, like the newest
 * SDKs.
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
   * The model is the name of the deployment. Of the calls that start from a video, only the remix is documented
   * (docs/vendors/openai-videos.md#azure).
   */
  azure: { ...official, auth: 'api-key', influence: false, content: 'endpoint', sources: 'remix' },
  /**
   * new-api and resellers built on it. No list (if there is one, it lists the relay's own records: `partial`), no
   * delete. The video is at a URL or relayed (docs/vendors/relays.md#new-api).
   */
  'new-api': { ...official, list: false, sources: 'remix', characters: 'sora_v1', inline_characters: true },
  /** Multipart only, whole seconds; a delete ends a running job (docs/vendors/self-hosted-servers.md#vllm-omni). */
  'vllm-omni': { ...selfHosted, whole_seconds: true, cancel: true },
  /**
   * Older versions reject multipart without a file; seconds are a number. A delete only hides a job, which keeps
   * running.
   */
  sglang: {
    ...selfHosted,
    encoding: 'json_without_file',
    seconds: 'number',
    whole_seconds: true,
    content: 'either',
  },
  /** Unknown fields are rejected with 422. The list is kept in memory. */
  trtllm: {
    ...selfHosted,
    encoding: 'json_without_file',
    seconds: 'number',
    max_seconds: 60,
    cancel: true,
  },
  /** Its own field names, and a URL that requires the key (docs/vendors/openai-videos.md#gemini). */
  'gemini-compat': {
    ...selfHosted,
    seconds_field: 'duration_seconds',
    whole_seconds: true,
    size: 'aspect_ratio',
    reference: 'image',
    content: 'url',
    list: false,
  },
  /** The proxy retries creates unless told not to. Its list asks only one vendor, whoever has the jobs. */
  litellm: { ...official, list: false, sources: 'none', characters: 'none' },
  /**
   * For servers that accept multipart only with a file, and end a running job when it is deleted. Their lists have not
   * been verified.
   */
  generic: {
    ...official,
    encoding: 'json_without_file',
    cancel: true,
    list: 'partial',
    inline_characters: true,
  },
} as const satisfies Record<string, Traits>

/** Headers sent with every request to servers of a profile. */
export const profileHeaders: Readonly<Partial<Record<ProfileName, Record<string, string>>>> = {
  litellm: { 'x-litellm-num-retries': '0' },
}

export type ProfileName = keyof typeof profiles

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(profiles, name)
}

/** The traits of a profile, overridden by those of the configuration. */
export function traitsOf(profile: ProfileName, changes: Readonly<Record<string, unknown>> = {}): Traits {
  return traitsSchema.parse({ ...profiles[profile], ...changes })
}
