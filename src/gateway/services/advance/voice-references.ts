import type { GenerationRequest } from '../../domain/generation/request.ts'
import { noCapabilities } from '../../domain/inputs/capabilities.ts'
import { routeInputsOf } from '../../domain/inputs/route-inputs.ts'
import { voicesTaken } from '../../domain/inputs/still-room.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { CreateInputs } from '../../ports/upstream.ts'
import type { MediaSources } from './media-sources.ts'

/** The voices of the characters of a request, as far as the upstream takes any beside so many pictures of characters. */
export async function voiceReferences(
  deps: { characters: CharacterStore; mediaSources: MediaSources },
  request: GenerationRequest,
  { capabilities = noCapabilities }: UpstreamSpec,
  pictures: number,
): Promise<CreateInputs['references']> {
  const most = voicesTaken(capabilities, routeInputsOf(request), pictures)
  const voices: CreateInputs['references'] = []
  for (const { id, name } of request.characters) {
    const { voice } = (await deps.characters.get(id)) ?? {}
    if (voice === undefined || voices.length >= most) continue
    const media = await deps.mediaSources(voice.mediaId, voice.contentType)
    if (media !== null) voices.push({ kind: 'audio', role: 'voice', name, media })
  }
  return voices
}
