import type { MediaKind } from '../media-kind.ts'
import type { OptionSpec } from './options.ts'
import type { AspectRatio, Resolution } from './picture.ts'
import type { ReferenceRole } from './request-inputs.ts'

/** Whether an upstream is given a last frame: never, only with a first frame, or also alone. */
export const lastFrameSupports = ['none', 'with_first_frame', 'any'] as const
export type LastFrameSupport = (typeof lastFrameSupports)[number]
/** Whether the videos of an upstream have sound. `optional`: the request decides. */
export const audioSupports = ['never', 'always', 'optional'] as const
export type AudioSupport = (typeof audioSupports)[number]
/** What becomes of a setting: sent, left out with a warning, or a reason to ask another upstream. */
export const settingSupports = ['accepted', 'dropped', 'unsupported'] as const
export type SettingSupport = (typeof settingSupports)[number]
/** Inputs as rules about them name them. */
export const inputNames = [
  'first_frame',
  'last_frame',
  'references',
  'image_references',
  'video_references',
  'audio_references',
  'characters',
] as const
/** An option counts as an input where it is given and not false. */
export type InputName = (typeof inputNames)[number] | `options.${string}`

export function isInputName(text: string): text is InputName {
  return /^options\.[A-Za-z]\w*$/.test(text) || inputNames.some((name) => name === text)
}

export interface ReferenceLimit {
  max: number
  /** Null takes any. */
  roles: ReferenceRole[] | null
}

/** Supported lengths (seconds, ascending) if all conditions hold. They replace the upstream's own list. */
export interface LengthRule {
  /** Null: at any. */
  resolutions: Resolution[] | null
  /** With any of these; null: whatever is given. */
  inputs: InputName[] | null
  durations: number[]
}

/** What an upstream can be asked for beside words, a length, a size and one reference. */
export interface Capabilities {
  firstFrame: boolean
  lastFrame: LastFrameSupport
  references: Record<MediaKind, ReferenceLimit | null>
  /** Of all kinds together; null: as many as of each. */
  mostReferences: number | null
  /** Inputs of which a request may have only one. */
  exclusive: InputName[][]
  /** Inputs of which a request must have at least one; empty: words alone will do. */
  required: InputName[]
  /** Null: nobody said. */
  audio: AudioSupport | null
  seed: SettingSupport
  negativePrompt: SettingSupport
  /** Null: none can be asked for but by size. */
  resolutions: Resolution[] | null
  aspectRatios: Array<AspectRatio | 'auto'> | null
  lengths: LengthRule[]
  options: Record<string, OptionSpec>
}

/** Of an upstream whose configuration says nothing. A seed does no harm where it is left out. */
export const noCapabilities: Capabilities = {
  firstFrame: false,
  lastFrame: 'none',
  references: { image: null, video: null, audio: null },
  mostReferences: null,
  exclusive: [],
  required: [],
  audio: null,
  seed: 'dropped',
  negativePrompt: 'unsupported',
  resolutions: null,
  aspectRatios: null,
  lengths: [],
  options: {},
}
