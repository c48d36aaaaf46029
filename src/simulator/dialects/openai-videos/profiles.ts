import type { CharacterStyle, JobState, ProfileName, SimulatedUpstream } from '../../simulated-upstream.ts'

type Encoding = 'json' | 'multipart'

/**
 * How a server of `openai-videos` differs from others (docs/vendors/openai-videos.md#who-speaks-it). The upstream's own
 * settings take precedence.
 */
export interface OpenaiProfile {
  basePath: string
  createStatus: 200 | 202
  /** Accepted encodings of a create. A file requires multipart anyway. */
  encodings: readonly Encoding[]
  /** Whether a JSON create may send `seconds` as a number (text is always accepted), and the type in responses. */
  seconds: { takesNumbers: boolean; answer: 'string' | 'number' }
  /** Whether unsupported lengths, sizes and models are accepted; the response repeats the requested model. `positive`: no side of 0. */
  takesAny: { lengths: boolean; sizes: boolean | 'positive'; models: boolean }
  longestSeconds: number | null
  /** Gemini has other field names for lengths and shapes. */
  fields: { length: string; size: string }
  /**
   * Where a reference may be, and its format if it is not a file: the object of
   * docs/vendors/openai-videos.md#create-a-video, a URL, JSON in a string, TensorRT-LLM's object. `uploads`: whether
   * `input_reference` of a form must be a file.
   */
  references: {
    fields: readonly string[]
    named: 'object' | 'address' | 'quoted' | 'typed'
    uploads?: boolean
  }
  /** Fields that the official API does not have. */
  extensions: readonly string[]
  refusesUnknownFields: boolean
  words: Record<JobState, string>
  /** The content response while a job runs, and after it failed; null if there is no such endpoint. */
  content: {
    running: { status: number; message: string }
    failed: { status: number; message: string }
  } | null
  /** Whether the content endpoint knows `variant`: all three, only numbers, or ignored. */
  variants: 'all' | 'numbers' | 'ignored'
  list: 'paged' | 'bare' | null
  /** The response of DELETE: the official object, the video with another status, or a flag. */
  deletion: 'object' | 'video' | 'flag' | null
  /** Whether DELETE cancels a running job; null: depends on the upstream's kind. `hides`: the engine continues. */
  deleteCancels: boolean | 'hides' | null
  /** Which of remix, edit and extension are supported (docs/vendors/openai-videos.md#start-from-a-video). */
  sources: 'all' | 'remix' | 'none'
  characterStyles: readonly CharacterStyle[]
  sparse: boolean
  urlField: NonNullable<SimulatedUpstream['urlField']> | null
  files: NonNullable<SimulatedUpstream['files']>
  /** The headers of docs/vendors/openai-videos.md#rate-limits-and-headers. */
  headers: boolean
}

const notReady = 'Video is not ready yet, use GET /v1/videos/{video_id} to check status.'
const official: OpenaiProfile = {
  basePath: '/v1',
  createStatus: 200,
  encodings: ['json', 'multipart'],
  seconds: { takesNumbers: false, answer: 'string' },
  takesAny: { lengths: false, sizes: false, models: false },
  longestSeconds: null,
  fields: { length: 'seconds', size: 'size' },
  references: { fields: ['input_reference'], named: 'object' },
  extensions: ['influence_strength'],
  refusesUnknownFields: false,
  words: { queued: 'queued', in_progress: 'in_progress', completed: 'completed', failed: 'failed' },
  content: { running: { status: 404, message: notReady }, failed: { status: 404, message: notReady } },
  variants: 'all',
  list: 'paged',
  deletion: 'object',
  deleteCancels: null,
  sources: 'all',
  characterStyles: ['official'],
  sparse: false,
  urlField: null,
  files: 'open',
  headers: true,
}
/** Common to all self-hosted servers. */
const hosted: OpenaiProfile = {
  ...official,
  extensions: [
    'negative_prompt',
    'seed',
    'fps',
    'num_frames',
    'width',
    'height',
    'guidance_scale',
    'extra_params',
  ],
  deleteCancels: true,
  sources: 'none',
  characterStyles: [],
  headers: false,
}

export const openaiProfiles: Record<ProfileName, OpenaiProfile> = {
  openai: official,
  azure: { ...official, basePath: '/openai/v1', sparse: true },
  // docs/vendors/relays.md#new-api: passes everything through, proxies content, and has no list.
  'new-api': {
    ...official,
    references: { fields: ['input_reference'], named: 'address' },
    extensions: [
      'watermark',
      'private',
      'metadata',
      'character_url',
      'character_timestamps',
      'character_from_task',
      'character_create',
      'influence_strength',
    ],
    content: {
      running: { status: 400, message: 'Task is not completed yet, current status: IN_PROGRESS' },
      failed: { status: 400, message: 'Task is not completed yet, current status: FAILURE' },
    },
    variants: 'ignored',
    list: null,
    deletion: null,
    sources: 'remix',
    characterStyles: ['sync'],
    headers: false,
  },
  'vllm-omni': {
    ...hosted,
    encodings: ['multipart'],
    references: {
      fields: ['input_reference', 'image_reference', 'video_reference'],
      named: 'quoted',
      uploads: true,
    },
    content: {
      running: { status: 404, message: 'Generation is still in-progress' },
      failed: { status: 422, message: 'Video generation failed. Check job status for error details.' },
    },
    takesAny: { lengths: true, sizes: 'positive', models: false },
    variants: 'ignored',
  },
  sglang: {
    ...hosted,
    references: { fields: ['input_reference', 'reference_url'], named: 'address', uploads: true },
    extensions: [...hosted.extensions, 'extra_body'],
    seconds: { takesNumbers: true, answer: 'string' },
    takesAny: { lengths: true, sizes: true, models: true },
    content: {
      running: { status: 404, message: 'Generation is still in-progress' },
      failed: { status: 404, message: 'Video variant None not found' },
    },
    variants: 'numbers',
    deletion: 'video',
    deleteCancels: 'hides',
  },
  trtllm: {
    ...hosted,
    createStatus: 202,
    references: { fields: ['input_reference', 'image_reference', 'video_reference'], named: 'typed' },
    extensions: [...hosted.extensions, 'duration', 'format'],
    seconds: { takesNumbers: true, answer: 'number' },
    refusesUnknownFields: true,
    longestSeconds: 60,
    takesAny: { lengths: true, sizes: true, models: false },
    words: { ...official.words, in_progress: 'generating' },
    content: {
      running: { status: 400, message: 'Video is not completed' },
      failed: { status: 400, message: 'Video is not completed' },
    },
    variants: 'ignored',
    list: 'bare',
    deletion: 'flag',
  },
  'gemini-compat': {
    ...official,
    basePath: '/v1beta/openai',
    encodings: ['multipart'],
    fields: { length: 'duration_seconds', size: 'aspect_ratio' },
    references: { fields: ['image', 'reference_images'], named: 'address' },
    extensions: [
      'resolution',
      'negative_prompt',
      'seed',
      'person_generation',
      'style',
      'frame_rate',
      'last_frame',
      'extend_video_id',
    ],
    words: { ...official.words, queued: 'processing', in_progress: 'processing' },
    content: null,
    list: null,
    deletion: null,
    sources: 'none',
    characterStyles: [],
    urlField: 'url',
    files: 'guarded',
    headers: false,
  },
}

export const profileNameOf = (upstream: SimulatedUpstream): ProfileName => upstream.profile ?? 'openai'

export const profileOf = (upstream: SimulatedUpstream): OpenaiProfile =>
  openaiProfiles[profileNameOf(upstream)]

/** The ways to create characters that this upstream supports. */
export function stylesOf(
  upstream: SimulatedUpstream,
  usual: readonly CharacterStyle[],
): readonly CharacterStyle[] {
  if (!upstream.characters) return []
  return upstream.characterStyles ?? usual
}
