import { noCreateInputs } from '../../ports/upstream.ts'
import { noCapabilities } from '../../domain/inputs/capabilities.ts'
import { inputFit } from '../../domain/inputs/input-fit.ts'
import { chosenPicture } from '../../domain/inputs/picture-choice.ts'
import type { InputMedia } from '../../domain/inputs/request-inputs.ts'
import { hasInputs, optionsFor, routeInputsOf } from '../../domain/inputs/route-inputs.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'
import type { CreateInputs, MediaSource } from '../../ports/upstream.ts'
import type { MediaSources } from './media-sources.ts'

/**
 * The inputs of a request as this upstream is given them, by the rules that routed the request there. Undefined where it has
 * none; `missing` where a file is no longer in the archive.
 */
export async function createInputs(
  mediaSources: MediaSources,
  request: GenerationRequest,
  spec: UpstreamSpec,
): Promise<CreateInputs | undefined | 'missing'> {
  const inputs = routeInputsOf(request)
  if (request.source !== undefined || !hasInputs(inputs)) return undefined
  const { firstFrame, lastFrame, references = [], audio, seed, negativePrompt } = request
  const { capabilities = noCapabilities } = spec
  const options = optionsFor(inputs.settings, spec)
  const { drops } = inputFit(inputs, options, capabilities)
  const { resolution, aspectRatio } = chosenPicture(inputs, capabilities, spec.sizes)
  const open = async (media: InputMedia | undefined): Promise<MediaSource | null> =>
    media === undefined ? null : mediaSources(media.mediaId, media.contentType)

  const opened: CreateInputs['references'] = []
  for (const each of references) {
    const media = await open(each)
    if (media === null) return 'missing'
    opened.push({ kind: each.kind, role: each.role, name: each.name, media })
  }
  const first = await open(firstFrame)
  const last = await open(lastFrame)
  if ((first === null && firstFrame !== undefined) || (last === null && lastFrame !== undefined))
    return 'missing'
  return {
    firstFrame: first,
    lastFrame: last,
    references: opened,
    // Where there is no choice, there is nothing to say.
    audio: capabilities.audio === 'optional' ? (audio ?? null) : null,
    seed: drops.includes('seed') ? null : (seed ?? null),
    negativePrompt: drops.includes('negative_prompt') ? null : (negativePrompt ?? null),
    resolution,
    aspectRatio,
    options,
  }
}

/** With the pictures of characters behind the references of the request. */
export function withStills(
  inputs: CreateInputs | undefined,
  stills: CreateInputs['references'],
): CreateInputs | undefined {
  if (stills.length === 0) return inputs
  const { references, ...others } = inputs ?? noCreateInputs
  return { ...others, references: [...references, ...stills] }
}
