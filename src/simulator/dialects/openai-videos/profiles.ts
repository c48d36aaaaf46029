import type { CharacterStyle, JobState, ProfileName, SimulatedUpstream } from '../../simulated-upstream.ts'

type Encoding = 'json' | 'multipart'

/**
 * What sets a speaker of `openai-videos` apart (docs/vendors/openai-videos.md#who-speaks-it); an upstream's own quirks come
 * before it.
 */
export interface OpenaiProfile {
  basePath: string
  createStatus: 200 | 202
  /** What a create may come in. A file needs multipart anyway. */
  encodings: readonly Encoding[]
  /** Whether a JSON create may say `seconds` as a number; text always does. And how answers say it. */
  seconds: { takesNumbers: boolean; answer: 'string' | 'number' }
  /** Whether unsupported lengths, sizes and models are accepted; the response repeats the requested model. `positive`: no side of 0. */
  takesAny: { lengths: boolean; sizes: boolean | 'positive'; models: boolean }
  longestSeconds: number | null
  /** Gemini has other names for lengths and shapes. */
  fields: { length: string; size: string }
  /**
   * Where a reference may be, and what it is when it is no file: docs/vendors/openai-videos.md#create-a-video's object, a
   * URL, JSON in a string, TensorRT-LLM's object. `uploads`: whether `input_reference` of a form must be a file.
   */
  references: {
    fields: readonly string[]
    named: 'object' | 'address' | 'quoted' | 'typed'
    uploads?: boolean
  }
  /** Fields beyond those of the official API. */
  extensions: readonly string[]
  refusesUnknownFields: boolean
  words: Record<JobState, string>
  /** What content says while a job runs and when it has failed; null where there is no such endpoint. */
  content: {
    running: { status: number; message: string }
    failed: { status: number; message: string }
  } | null
  /** Whether content knows `variant`: all three, numbers alone, or it is not looked at. */
  variants: 'all' | 'numbers' | 'ignored'
  list: 'paged' | 'bare' | null
  /** What DELETE answers: the official object, the video with another status, or a flag. */
  deletion: 'object' | 'video' | 'flag' | null
  /** Whether DELETE takes a running job; null: as the upstream's kind suggests. `hides`: the engine goes on. */
  deleteCancels: boolean | 'hides' | null
  /** Which of remix, edit and extension there are (docs/vendors/openai-videos.md#start-from-a-video). */
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
/** What servers on one's own machines have in common. */
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
  // docs/vendors/relays.md#new-api: everything is passed through, content is proxied, and there is no list.
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

/** The ways of making characters that this upstream offers. */
export function stylesOf(
  upstream: SimulatedUpstream,
  usual: readonly CharacterStyle[],
): readonly CharacterStyle[] {
  if (!upstream.characters) return []
  return upstream.characterStyles ?? usual
}
