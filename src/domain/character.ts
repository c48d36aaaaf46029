import type { CharacterId, GenerationId, MediaId } from './ids.ts'
import type { Json } from './json.ts'

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

/** `pending` while a creation is under way, fenced by a lease; `failed` keeps why. */
export type BindingState = 'pending' | 'ready' | 'failed' | 'revoked'

/** What a character is on one upstream. */
export interface Binding {
  characterId: CharacterId
  upstream: string
  state: BindingState
  /** What the dialect puts into the prompt or the id list; null until ready. */
  handle: string | null
  operation: Json
  failure: string | null
  updatedAt: number
}

/** Lower-case letters, digits and `_`, starting with a letter, at most 40, and not looking like one of our ids. */
export function isCharacterName(text: string): boolean {
  return /^[a-z][a-z0-9_]{0,39}$/.test(text) && !text.startsWith('char_')
}
