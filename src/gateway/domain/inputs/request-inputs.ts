import type { GenerationId, MediaId } from '../ids.ts'
import type { MediaKind } from '../media-kind.ts'
import type { AspectRatio, Resolution } from './picture.ts'

/** What a reference is to be taken from: who is seen, how it looks, how it moves, who speaks, where it is. */
export const referenceRoles = ['subject', 'style', 'motion', 'voice', 'scene'] as const
export type ReferenceRole = (typeof referenceRoles)[number]

export const frameNames = ['first_frame', 'last_frame'] as const
export type FrameName = (typeof frameNames)[number]

/** A copy of a caller's file in the archive. */
export interface InputMedia {
  mediaId: MediaId
  kind: MediaKind
  contentType: string
  /** Pixels; 0 for sound. */
  width: number
  height: number
  /** Null for pictures. */
  durationSeconds: number | null
}

export interface InputReference extends InputMedia {
  role: ReferenceRole
  /** As the prompt may call it; null where it has none. */
  name: string | null
  /** The generation whose video it is; null for any other file. */
  generationId: GenerationId | null
}

export type OptionValue = string | number | boolean
/** By the id of an upstream or the name of a dialect, then by the name of the option. */
export type RequestOptions = Record<string, Record<string, OptionValue>>

/** What can be said of a picture beside or in place of its pixels, and of sound and chance. Absent: not said. */
export interface RequestSettings {
  audio?: boolean
  seed?: number
  negativePrompt?: string
  resolution?: Resolution
  /** `auto`: that of the first frame. */
  aspectRatio?: AspectRatio | 'auto'
  options?: RequestOptions
}

/** Absent: none. */
export interface RequestInputs extends RequestSettings {
  firstFrame?: InputMedia
  lastFrame?: InputMedia
  references?: InputReference[]
}

/** References of one request. Vendors take 15 at most. */
export const mostReferences = 16
/** Bytes of one file, beside the bound on every file of the archive. Vendors take 30 MB of a picture at most. */
export const mostInputBytes: Readonly<Record<MediaKind, number>> = {
  image: 32 * 1024 * 1024,
  audio: 64 * 1024 * 1024,
  video: 512 * 1024 * 1024,
}

/** What a reference of a kind is taken for where the request does not say. */
export function usualRole(kind: MediaKind): ReferenceRole {
  return kind === 'audio' ? 'voice' : 'subject'
}
