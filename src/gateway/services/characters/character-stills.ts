import { stillsCut } from '../../domain/characters/character.ts'
import type { Character, CharacterStills } from '../../domain/characters/character.ts'
import type { CharacterId } from '../../domain/ids.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Ids } from '../../ports/clock.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { NoClip } from './characters.ts'
import { pictureOf } from './create-character.ts'

/** Longer than the deadline of the process that cuts them. */
const cutMs = 90_000

export type Stills = { type: 'ready'; stills: CharacterStills } | NoClip

/** The stills of a character. They are cut from its clip on first use and kept with it. */
export type CharacterStillsOf = (character: Character) => Promise<Stills>

export function createCharacterStills(deps: {
  characters: CharacterStore
  archive: MediaArchive
  ids: Ids
}): CharacterStillsOf {
  const { characters, archive, ids } = deps
  const cutting = new Map<CharacterId, Promise<Stills>>()

  async function cut({ id, clip }: Character): Promise<Stills> {
    if (clip === null || (await archive.size(clip.mediaId)) === null) return clipMissing
    const to = Array.from({ length: stillsCut }, () => ids.media())
    const made = await archive.stills(clip.mediaId, to, AbortSignal.timeout(cutMs))
    if (made.type !== 'stored') {
      const type = made.type === 'not_media' || made.type === 'unsupported' ? 'unusable' : 'unavailable'
      return { type, message: made.message }
    }
    const own: CharacterStills = { from: 'clip', pictures: made.stills.map(pictureOf) }
    const kept = await characters.changeStills(id, ({ stills }) => (stills === undefined ? own : null))
    const { stills } = kept?.character ?? {}
    const isOwn = stills?.pictures[0]?.mediaId === own.pictures[0]?.mediaId
    // Another node was faster, people gave pictures meanwhile, or the character is gone.
    if (!isOwn) for (const { mediaId } of made.stills) await archive.remove(mediaId)
    return stills === undefined ? gone : { type: 'ready', stills }
  }

  return async (character) => {
    const { id, stills } = character
    if (stills !== undefined) return { type: 'ready', stills }
    const running = cutting.get(id) ?? cut(character).finally(() => cutting.delete(id))
    cutting.set(id, running)
    return running
  }
}

const clipMissing: NoClip = {
  type: 'unusable',
  message: 'The source clip of this character is missing from the archive.',
}
const gone: NoClip = { type: 'unusable', message: 'The character was deleted.' }
