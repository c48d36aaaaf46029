import { z } from 'zod'
import { characterMaterials } from '../../../domain/characters/character.ts'
import type { CharacterStills as Stills } from '../../../domain/characters/character.ts'
import type { CharacterWithStills } from '../../../services/characters/characters.ts'
import { exampleCharacterId } from '../fields.ts'
import { shownWord } from '../shown-word.ts'

export const examplePicture = {
  url: `/characters/${exampleCharacterId}/stills/1`,
  content_type: 'image/jpeg',
  bytes: 182_044,
  sha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  width: 1280,
  height: 720,
}

export const CharacterStills = z
  .object({
    from: shownWord(characterMaterials).meta({
      description: '`clip`: cut from the clip. `pictures`: given by a caller.',
    }),
    pictures: z.array(
      z
        .object({
          url: z.string().meta({ description: 'Relative to this server.' }),
          content_type: z.string(),
          bytes: z.int().nonnegative(),
          sha256: z.string(),
          width: z.int(),
          height: z.int(),
        })
        .meta({ id: 'CharacterPicture' }),
    ),
  })
  .meta({ id: 'CharacterStills', description: 'At least one picture, the best first.' })

export const StillsDto = CharacterStills.extend({ object: z.literal('character_stills') }).meta({
  id: 'Stills',
  examples: [{ object: 'character_stills', from: 'clip', pictures: [examplePicture] }],
})

export type StillsDto = z.output<typeof StillsDto>

export function toPictures(id: string, { from, pictures }: Stills): z.output<typeof CharacterStills> {
  return {
    from,
    pictures: pictures.map(({ contentType, bytes, sha256, width, height }, index) => ({
      url: `/characters/${id}/stills/${index + 1}`,
      content_type: contentType,
      bytes,
      sha256,
      width,
      height,
    })),
  }
}

export function toStillsDto({ character, stills }: CharacterWithStills): StillsDto {
  return { object: 'character_stills', ...toPictures(character.id, stills) }
}
