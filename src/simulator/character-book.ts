import { randomBytes } from 'node:crypto'
import { characterMessage } from './fault-answer.ts'
import { accepted, invalidRequest } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'

export interface SimulatedCharacter {
  id: string
  name: string
  description: string | null
  /** What it was made from: a URL, a finished job's id, or the number of uploaded bytes. */
  source: { type: 'url'; url: string } | { type: 'job'; id: string } | { type: 'upload'; bytes: number }
  /** Milliseconds since the epoch. */
  createdAt: number
  /** A revoked character still exists, and every create that uses it is refused. */
  revoked: boolean
}

/** The characters of one upstream; an id means nothing on another one (reverse-dialects.md §4 row 12). */
export interface CharacterBook {
  add(made: Pick<SimulatedCharacter, 'name' | 'description' | 'source' | 'createdAt'>): SimulatedCharacter
  find(id: string): SimulatedCharacter | undefined
  list(): SimulatedCharacter[]
  /** 400 `cameo_not_found` or `cameo_permission_denied` unless every id may be used. */
  admit(ids: readonly string[]): Verdict<SimulatedCharacter[]>
  clear(): void
}

export function createCharacterBook(): CharacterBook {
  const characters = new Map<string, SimulatedCharacter>()

  return {
    add(made) {
      const character = { id: `char_${randomBytes(8).toString('hex')}`, ...made, revoked: false }
      characters.set(character.id, character)
      return character
    },
    find: (id) => characters.get(id),
    list: () => [...characters.values()],
    admit(ids) {
      const cast: SimulatedCharacter[] = []
      for (const id of ids) {
        const character = characters.get(id)
        if (character === undefined) return refused('cameo_not_found')
        if (character.revoked) return refused('cameo_permission_denied')
        cast.push(character)
      }
      return accepted(cast)
    },
    clear: () => characters.clear(),
  }
}

function refused(code: 'cameo_not_found' | 'cameo_permission_denied') {
  return invalidRequest(characterMessage(code), { code })
}
