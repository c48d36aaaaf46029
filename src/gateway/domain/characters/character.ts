import type { CharacterId, GenerationId, MediaId } from '../ids.ts'

/** Where a character's clip came from. */
export type CharacterSource =
  | { type: 'url'; url: string }
  | { type: 'upload'; fileName: string }
  | { type: 'generation'; generationId: GenerationId }

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
  clip: CharacterClip
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
