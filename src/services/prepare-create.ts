import type { Failure } from '../domain/failure.ts'
import type { Attempt } from '../domain/generation.ts'
import { renderByReference, renderNative } from '../domain/prompt.ts'
import type { GenerationRequest } from '../domain/request.ts'
import type { CharacterStore } from '../ports/character-store.ts'
import type { CreateRequest, Upstream } from '../ports/upstream.ts'
import type { BindCharacters } from './bind-characters.ts'
import type { MediaSources } from './media-sources.ts'

/** How strongly a character's clip shapes the result: likeness without freezing the scene. */
const characterInfluence = 0.8

export type Prepared =
  | { type: 'ready'; request: CreateRequest }
  | { type: 'wait'; until: number }
  | { type: 'failed'; failure: Failure }

export type PrepareCreate = (
  request: GenerationRequest,
  attempt: Attempt,
  upstream: Upstream,
  owner: string,
) => Promise<Prepared>

/** Everything a create needs: characters bound where they are native, the prompt in the upstream's words, the reference. */
export function createPrepareCreate(deps: {
  bindCharacters: BindCharacters
  mediaSources: MediaSources
  characters: CharacterStore
}): PrepareCreate {
  const { bindCharacters, mediaSources, characters } = deps

  async function ownReference({
    reference,
  }: GenerationRequest): Promise<CreateRequest['reference'] | 'missing'> {
    if (reference === null) return null
    const media = await mediaSources(reference.mediaId, reference.contentType)
    return media === null ? 'missing' : { kind: reference.kind, media, influence: reference.influence }
  }

  async function clipReference(
    characterId: string | undefined,
    request: GenerationRequest,
  ): Promise<CreateRequest['reference'] | 'missing'> {
    const use = request.characters.find(({ id }) => id === characterId)
    const character = use === undefined ? null : await characters.get(use.id)
    const media = character && (await mediaSources(character.clip.mediaId, character.clip.contentType))
    return media === null ? 'missing' : { kind: 'video', media, influence: characterInfluence }
  }

  return async (request, attempt, upstream, owner) => {
    const order = {
      // With a character made anew it is another request: it must not meet the answer to the first one.
      idempotencyKey: attempt.rebound ? `${attempt.id}-rebound` : attempt.id,
      model: attempt.model,
      durationSeconds: attempt.durationSeconds,
      size: attempt.size,
    }
    if (attempt.fidelity !== 'reference') {
      const bound = await bindCharacters(upstream, attempt.fidelity === null ? [] : request.characters, owner)
      if (bound.type !== 'ready') return bound
      const reference = await ownReference(request)
      if (reference === 'missing')
        return missing('The reference of this request is no longer in the archive.')
      const handleOf = (id: string): string => bound.handles.get(id) ?? ''
      const prompt = renderNative(request.prompt, request.characters, ({ id, name }) =>
        upstream.mention({ handle: handleOf(id), name }),
      )
      return {
        type: 'ready',
        request: { ...order, prompt, reference, characterHandles: [...bound.handles.values()] },
      }
    }
    const shown = request.characters[0]
    const reference = await clipReference(shown?.id, request)
    if (reference === 'missing') return missing('The source clip of a character is no longer in the archive.')
    const prompt = renderByReference(request.prompt, request.characters, shown)
    return { type: 'ready', request: { ...order, prompt, reference, characterHandles: [] } }
  }
}

function missing(message: string): Prepared {
  return { type: 'failed', failure: { code: 'invalid', message, fallback: false, retryAfterMs: null } }
}
