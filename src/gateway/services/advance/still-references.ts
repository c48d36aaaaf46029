import { renderByImages } from '../../domain/characters/prompt.ts'
import type { Failure, Warning } from '../../domain/generation/failure.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { noCapabilities } from '../../domain/inputs/capabilities.ts'
import { routeInputsOf } from '../../domain/inputs/route-inputs.ts'
import { stillsOfEach } from '../../domain/inputs/still-room.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { CreateInputs, Upstream } from '../../ports/upstream.ts'
import type { CharacterStillsOf } from '../characters/character-stills.ts'
import type { MediaSources } from './media-sources.ts'

export type StillReferences =
  | { type: 'ready'; prompt: string; references: CreateInputs['references']; warnings: Warning[] }
  | { type: 'failed'; code: Failure['code']; message: string }

/** The characters of a request as pictures, behind its own references, and the prompt that says who is in which. */
export async function stillReferences(
  deps: { characters: CharacterStore; stillsOf: CharacterStillsOf; mediaSources: MediaSources },
  request: GenerationRequest,
  { spec, imageMention }: Pick<Upstream, 'spec' | 'imageMention'>,
): Promise<StillReferences> {
  const own = routeInputsOf(request).references
  const most = stillsOfEach(spec.capabilities ?? noCapabilities, own, request.characters.length)
  const before = own.filter(({ kind }) => kind === 'image').length
  const references: CreateInputs['references'] = []
  const images = new Map<string, number[]>()
  for (const { id, name } of request.characters) {
    const character = await deps.characters.get(id)
    if (character === null) return failed('character_invalid', 'A character of this request was deleted.')
    const found = await deps.stillsOf(character)
    if (found.type !== 'ready')
      return failed(found.type === 'unusable' ? 'character_invalid' : 'never_sent', found.message)
    for (const { mediaId, contentType } of found.stills.pictures.slice(0, most)) {
      const media = await deps.mediaSources(mediaId, contentType)
      if (media === null)
        return failed(
          'character_invalid',
          `A still of @${name} is no longer in the archive. Replace its stills.`,
        )
      references.push({ kind: 'image', role: 'subject', name, media })
      images.set(id, [...(images.get(id) ?? []), before + references.length])
    }
  }
  const names = request.characters.map(({ name }) => `@${name}`).join(', ')
  const detail = `${spec.id} is shown pictures of ${names} and told the description.`
  return {
    type: 'ready',
    prompt: renderByImages(request.prompt, request.characters, images, imageMention),
    references,
    warnings: [{ code: 'character_stills_used', detail }],
  }
}

function failed(code: Failure['code'], message: string): StillReferences {
  return { type: 'failed', code, message }
}
