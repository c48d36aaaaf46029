import type { CharacterId, GenerationId, MediaId } from '../ids.ts'

/** What a character was made from. */
export type CharacterSource =
  | { type: 'url'; url: string }
  | { type: 'upload'; fileName: string }
  | { type: 'generation'; generationId: GenerationId }
  | { type: 'pictures'; count: number }

/** A reusable identity this gateway owns. Its clip is in the archive, so that any vendor can be given it (again). */
export interface Character {
  id: CharacterId
  tenant: string
  /** A handle: see `isCharacterName`. Unique per tenant. */
  name: string
  /** As its maker wrote the name, where that is no handle: the OpenAI protocol takes any text. */
  label?: string
  description: string
  source: CharacterSource
  /** Null for a character made from pictures. */
  clip: CharacterClip | null
  /** For upstreams that take pictures only. Absent: not cut from the clip yet. Always there without a clip. */
  stills?: CharacterStills
  /** How it speaks. Absent: nobody gave a recording. */
  voice?: CharacterVoice
  createdAt: number
  updatedAt: number
}

export interface CharacterClip {
  mediaId: MediaId
  contentType: string
  bytes: number
  sha256: string
  durationSeconds: number
  width: number
  height: number
}

/** What shows a character. */
export const characterMaterials = ['clip', 'pictures'] as const
export type CharacterMaterial = (typeof characterMaterials)[number]

/** `from`: cut from the clip, or given by people. At least one picture, the best first. */
export interface CharacterStills {
  from: CharacterMaterial
  pictures: CharacterPicture[]
}

export type CharacterPicture = Omit<CharacterClip, 'durationSeconds'>

/** A recording of the voice alone. */
export type CharacterVoice = Omit<CharacterClip, 'width' | 'height'>

/** Stills that are cut from a clip: as many as the tightest vendors take of one person. */
export const stillsCut = 4
/** Pictures that people may give for a character. */
export const mostPictures = 8

/** The files in the archive that belong to a character, without what was cut for an upstream. */
export function mediaOf({ clip, stills, voice }: Pick<Character, 'clip' | 'stills' | 'voice'>): MediaId[] {
  const pictures = stills?.pictures ?? []
  return [clip, voice, ...pictures].flatMap((file) => file?.mediaId ?? [])
}
