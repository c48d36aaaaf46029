import type { Client } from '../../domain/accounts/client.ts'
import { askedSize } from '../../domain/inputs/picture-choice.ts'
import { routeInputsOf } from '../../domain/inputs/route-inputs.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import type { RouteRequest } from '../../domain/routing/route-request.ts'
import type { Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import type { GenerationInput } from '../generations/generations.ts'
import { keepInputs, routeInputsAsked } from './input-media.ts'
import { resolveReference } from './resolve-request.ts'
import { keepSource } from './resolve-source.ts'

/** What routing knows of the files of a request before they are here. */
export type KnownBefore = Pick<RouteRequest, 'referenceKind' | 'inputs'>

export function knownBefore({ reference, inputs }: GenerationInput): KnownBefore {
  const referenceKind = reference?.kind ?? null
  return inputs === undefined ? { referenceKind } : { referenceKind, inputs: routeInputsAsked(inputs) }
}

export interface KeptMedia {
  request: GenerationRequest
  /** What routing knows now, where that is more than before; null where it is not. */
  known: KnownBefore | null
  /** Takes back what was stored here; uploads belong to whoever brought them. */
  discard(): Promise<void>
}

/** The request with its files in the archive. What fails takes back what was stored before it. */
export async function keepMedia(
  deps: {
    store: Pick<GenerationStore, 'get'>
    intake: MediaIntake
    archive: MediaArchive
    ids: Ids
  },
  client: Client,
  input: GenerationInput,
  resolved: GenerationRequest,
): Promise<KeptMedia> {
  const kept = await keepInputs(deps, client, input.inputs)
  let reference: GenerationRequest['reference'] = null
  const discard = async (): Promise<void> => {
    await kept.discard()
    if (reference !== null && input.reference?.type === 'url') await deps.intake.discard(reference.mediaId)
  }
  try {
    reference = await resolveReference(deps.intake, input.reference)
    const source = resolved.source && (await keepSource(deps, resolved.source))
    const inputs = routeInputsOf(kept.inputs)
    const isFramed = resolved.source === undefined && inputs.frameProportion !== null
    // The shape of the picture, or the length of a video that is paid for by the second.
    const isNews = (isFramed && input.size === null) || inputs.references.some(({ kind }) => kind === 'video')
    const request = {
      ...resolved,
      ...kept.inputs,
      ...(isFramed && { size: askedSize(input.size, inputs) }),
      reference,
      ...(source !== undefined && { source }),
    }
    return {
      request,
      known: isNews ? { referenceKind: reference?.kind ?? null, inputs } : null,
      async discard() {
        await discard()
        if (source !== undefined && input.source?.from.type === 'generation')
          await deps.intake.discard(source.mediaId)
      },
    }
  } catch (error) {
    await discard()
    throw error
  }
}
