import { tooLongFor } from '../../domain/routing/evaluation/character-fit.ts'
import type { Failure, Warning } from '../../domain/generation/failure.ts'
import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import {
  atsApart,
  literalsApart,
  promptCharacters,
  renderByReference,
  renderNative,
} from '../../domain/characters/prompt.ts'
import type { CharacterUse, GenerationRequest, SourceVideo } from '../../domain/generation/request.ts'
import { heldNow, sourceModeOf } from '../../domain/generation/source-mode.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { CreateInputs, CreateRequest, InlineCharacter, Upstream } from '../../ports/upstream.ts'
import { createInputs, withStills } from './create-inputs.ts'
import type { Bindings, BoundFor } from '../characters/bind-characters.ts'
import { cutWarnings } from '../characters/character-sources.ts'
import type { CharacterSources } from '../characters/character-sources.ts'
import type { CharacterStillsOf } from '../characters/character-stills.ts'
import type { StepEvidence } from '../operations/evidence.ts'
import type { MediaSources } from './media-sources.ts'
import { stillReferences } from './still-references.ts'
import { voiceReferences } from './voice-references.ts'

/** How strongly a character's clip shapes the result: likeness without freezing the scene. */
const characterInfluence = 0.8

export type PreparedCreate =
  | { type: 'ready'; request: CreateRequest; warnings: Warning[] }
  | { type: 'wait'; until: number }
  | { type: 'failed'; failure: Failure }

export type PrepareCreate = (
  generation: Pick<Generation, 'request' | 'key'>,
  attempt: Attempt,
  upstream: Upstream,
  /** Is told of the calls that make characters. */
  seen: StepEvidence,
) => Promise<PreparedCreate>

type Material = Pick<
  CreateRequest,
  'prompt' | 'reference' | 'source' | 'characterHandles' | 'inlineCharacters'
>
type Gathered =
  | { type: 'ready'; material: Material; warnings: Warning[]; stills?: CreateInputs['references'] }
  | Exclude<PreparedCreate, { type: 'ready' }>

export interface PrepareDeps {
  bindings: Bindings
  characterSources: CharacterSources
  mediaSources: MediaSources
  characters: CharacterStore
  stillsOf: CharacterStillsOf
}

/** Everything a create needs: characters bound where they are native, the prompt in the upstream's words, the reference. */
export function createPrepareCreate(deps: PrepareDeps): PrepareCreate {
  return async ({ request, key }, attempt, upstream, seen) => {
    const gathered = await gather(
      { ...deps, by: { key, seen } },
      inItsTerms(request, upstream),
      attempt,
      upstream,
    )
    if (gathered.type !== 'ready') return gathered
    const { material, warnings, stills = [] } = gathered
    // Known only now: the upstream's handles may be longer than our names.
    const tooLong = tooLongFor(upstream.spec, promptCharacters(material.prompt))
    if (tooLong !== null) return failed('invalid', tooLong, true)
    const own = await createInputs(deps.mediaSources, request, upstream.spec)
    if (own === 'missing')
      return failed('invalid', 'An input of this request is no longer in the archive.', false)
    const inputs = withStills(own, stills)
    const { model, durationSeconds, size } = attempt
    // A request with a recreated character is a different one and needs a new idempotency key.
    const idempotencyKey = attempt.rebound ? `${attempt.id}-rebound` : attempt.id
    const asked = { idempotencyKey, model, durationSeconds, size, ...material }
    return { type: 'ready', request: { ...asked, ...(inputs !== undefined && { inputs }) }, warnings }
  }
}

/** If the upstream interprets `@`, text of the caller must not mention a character of someone else there. */
function inItsTerms(request: GenerationRequest, upstream: Upstream): GenerationRequest {
  const readsMentions = upstream.mention({ handle: 'a', name: 'a' }).includes('@')
  if (!readsMentions) return request
  const characters = request.characters.map((use) => ({ ...use, description: atsApart(use.description) }))
  // What has a source is rendered with no character at all, so that no mention of it becomes a handle either.
  const known = request.source === undefined ? characters : []
  return { ...request, characters, prompt: literalsApart(request.prompt, known) }
}

function gather(
  deps: PrepareDeps & { by: BoundFor },
  request: GenerationRequest,
  { fidelity }: Attempt,
  upstream: Upstream,
): Promise<Gathered> {
  if (request.source !== undefined) return fromSource(deps, request, request.source, upstream)
  if (fidelity === 'reference') return byReference(deps, request, upstream)
  const { characters: mode } = upstream.spec
  if (mode === 'stills' && fidelity !== null) return byStills(deps, request, upstream)
  return mode === 'inline' && fidelity !== null
    ? inline(deps, request, upstream)
    : native(deps, request, upstream, fidelity === null ? [] : request.characters)
}

/** The upstream's own job where it has it, else our copy: as the source where it takes files, else as a reference. */
async function fromSource(
  deps: PrepareDeps,
  request: GenerationRequest,
  source: SourceVideo,
  { spec, account }: Upstream,
): Promise<Gathered> {
  const { kind, mediaId, contentType, holder } = heldNow(source, () => account)
  const ready = (from: Pick<Material, 'source'> | Pick<Material, 'reference'>): Gathered => {
    const prompt = renderNative(request.prompt, [], () => '')
    const material = { prompt, reference: null, characterHandles: [], inlineCharacters: [], ...from }
    return { type: 'ready', material, warnings: [] }
  }
  const way = sourceModeOf({ kind, holder }, spec)
  if (way === 'held' && holder !== null) return ready({ source: { kind, held: holder.operation } })
  const media = await deps.mediaSources(mediaId, contentType)
  if (media === null) return missing('The source video of this request is no longer in the archive.')
  if (way === 'file') return ready({ source: { kind, media } })
  return ready({ reference: { kind: 'video', media, influence: null } })
}

async function native(
  deps: PrepareDeps & { by: BoundFor },
  request: GenerationRequest,
  upstream: Upstream,
  characters: readonly CharacterUse[],
): Promise<Gathered> {
  const bound = await deps.bindings.bind(upstream, characters, deps.by)
  if (bound.type !== 'ready') return bound
  const { handles, warnings } = bound
  const reference = await ownReference(deps, request)
  if (reference === 'missing') return missing('The reference of this request is no longer in the archive.')
  const used = [...handles.keys()]
  const prompt = renderNative(request.prompt, request.characters, ({ id, name }) =>
    upstream.mention({ handle: handles.get(id) ?? '', name, position: used.indexOf(id) + 1 }),
  )
  const characterHandles = [...handles.values()]
  return {
    type: 'ready',
    material: { prompt, reference, characterHandles, inlineCharacters: [] },
    warnings,
  }
}

/** The clips travel with the create, so there is no handle but the name. */
async function inline(deps: PrepareDeps, request: GenerationRequest, upstream: Upstream): Promise<Gathered> {
  const reference = await ownReference(deps, request)
  if (reference === 'missing') return missing('The reference of this request is no longer in the archive.')
  const inlineCharacters: InlineCharacter[] = []
  const warnings: Warning[] = []
  for (const { id, name } of request.characters) {
    const character = await deps.characters.get(id)
    if (character === null) return missing('A character of this request was deleted.')
    const source = await deps.characterSources.clip(upstream, character)
    if (source.type !== 'ready') {
      return failed(source.type === 'unusable' ? 'character_invalid' : 'never_sent', source.message, true)
    }
    const { clip, span, fromJob } = source
    inlineCharacters.push({ name, clip, span, fromJob })
    warnings.push(...cutWarnings(character, upstream.spec.id, span))
  }
  const used = request.characters.map(({ id }) => id)
  const prompt = renderNative(request.prompt, request.characters, ({ id, name }) =>
    upstream.mention({ handle: name, name, position: used.indexOf(id) + 1 }),
  )
  return { type: 'ready', material: { prompt, reference, characterHandles: [], inlineCharacters }, warnings }
}

/** Pictures of the characters go along as references. */
async function byStills(
  deps: PrepareDeps,
  request: GenerationRequest,
  upstream: Upstream,
): Promise<Gathered> {
  const reference = await ownReference(deps, request)
  if (reference === 'missing') return missing('The reference of this request is no longer in the archive.')
  const shown = await stillReferences(deps, request, upstream)
  if (shown.type === 'failed') return failed(shown.code, shown.message, true)
  const { prompt, references, warnings } = shown
  const voices = await voiceReferences(deps, request, upstream.spec, references.length)
  return {
    type: 'ready',
    material: { prompt, reference, characterHandles: [], inlineCharacters: [] },
    warnings,
    stills: [...references, ...voices],
  }
}

/** One character is shown as the reference input; all are told in words. */
async function byReference(
  deps: PrepareDeps,
  request: GenerationRequest,
  { spec }: Upstream,
): Promise<Gathered> {
  const [shown] = request.characters
  const character = shown === undefined ? null : await deps.characters.get(shown.id)
  const clip = character?.clip ?? null
  const media = clip && (await deps.mediaSources(clip.mediaId, clip.contentType))
  if (media === null) return missing('The source clip of a character is no longer in the archive.')
  const prompt = renderByReference(request.prompt, request.characters, shown)
  const reference = { kind: 'video', media, influence: characterInfluence } as const
  return {
    type: 'ready',
    material: { prompt, reference, characterHandles: [], inlineCharacters: [] },
    warnings: [],
    stills: await voiceReferences(deps, request, spec, 0),
  }
}

async function ownReference(
  { mediaSources }: PrepareDeps,
  { reference }: GenerationRequest,
): Promise<CreateRequest['reference'] | 'missing'> {
  if (reference === null) return null
  const media = await mediaSources(reference.mediaId, reference.contentType)
  return media === null ? 'missing' : { kind: reference.kind, media, influence: reference.influence }
}

function missing(message: string): Gathered {
  return failed('invalid', message, false)
}

function failed(
  code: Failure['code'],
  message: string,
  fallback: boolean,
): Extract<PreparedCreate, { type: 'failed' }> {
  return { type: 'failed', failure: { code, message, fallback, retryAfterMs: null } }
}
