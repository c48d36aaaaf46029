import type { CharacterPicture } from '../../domain/characters/character.ts'
import { Problem } from '../../domain/problem.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { OpenMedia } from '../generations/generations.ts'
import type { MediaIntake, StoredMedia } from '../media/media-intake.ts'
import type { CharacterStillsOf } from './character-stills.ts'
import type { CharacterService } from './characters.ts'
import { obtainPictures } from './create-character.ts'
import { notFound, ownCharacter } from './own-character.ts'

interface Deps {
  characters: CharacterStore
  archive: MediaArchive
  intake: MediaIntake
  stillsOf: CharacterStillsOf
  clock: Clock
  ids: Ids
}

type Media = Pick<CharacterService, 'clip' | 'thumbnail' | 'stills' | 'still' | 'replaceStills'>

/** The files of a character: its clip, the picture of it, and its stills. */
export function createCharacterMedia(deps: Deps): Media {
  const { characters, archive } = deps

  const open = async ({ mediaId, contentType, bytes }: CharacterPicture): Promise<OpenMedia> => {
    if ((await archive.size(mediaId)) === null) throw fileGone()
    return { contentType, bytes, read: (range) => archive.read(mediaId, range) }
  }

  return {
    async clip(client, idOrName) {
      const { clip } = await ownCharacter(deps, client, idOrName)
      if (clip === null) throw noClip()
      return { clip, media: await open(clip) }
    },
    async thumbnail(client, idOrName) {
      const { clip, stills } = await ownCharacter(deps, client, idOrName)
      const shown = clip ?? stills?.pictures[0]
      if (shown === undefined) throw fileGone()
      const thumbnail = await archive.thumbnail(shown.mediaId).catch((cause: unknown) => {
        throw new Problem('overloaded', 'The image could not be created. Try again.', { cause })
      })
      if (thumbnail === null) throw fileGone()
      return { ...thumbnail, etag: `${shown.sha256}-thumbnail` }
    },
    async stills(client, idOrName) {
      const character = await ownCharacter(deps, client, idOrName)
      const made = await deps.stillsOf(character)
      if (made.type === 'ready') return { character, stills: made.stills }
      if (made.type === 'unavailable') throw new Problem('overloaded', made.message)
      throw new Problem('video_gone', `${made.message} Give the character pictures with putStills.`)
    },
    async still(client, idOrName, position) {
      const { stills } = await ownCharacter(deps, client, idOrName)
      const picture = stills?.pictures[position - 1]
      if (picture === undefined) throw noStill()
      return { picture, media: await open(picture) }
    },
    async replaceStills(client, idOrName, asked) {
      const { id } = await ownCharacter(deps, client, idOrName)
      const stored: StoredMedia[] = []
      try {
        const stills = {
          from: 'pictures',
          pictures: await obtainPictures(deps.intake, asked, stored),
        } as const
        const data = { pictures: stills.pictures.length }
        const audit = auditEntry(deps, {
          actor: client,
          action: 'character.stills_replaced',
          subject: id,
          data,
        })
        const changed = await characters.changeStills(id, () => stills, audit)
        if (changed === null) throw notFound()
        // The sweep removes the earlier pictures: an upstream may be fetching them now.
        return { character: changed.character, stills }
      } catch (error) {
        for (const { mediaId } of stored) await archive.remove(mediaId)
        throw error
      }
    },
  }
}

function fileGone(): Problem {
  return new Problem('video_gone', 'This file of the character is not in the archive.')
}

function noClip(): Problem {
  return new Problem('not_found', 'The character was made from pictures and has no clip. See its stills.')
}

function noStill(): Problem {
  const detail = 'The character has no still of this number. GET /characters/{id}/stills lists them.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/number', detail }] })
}
