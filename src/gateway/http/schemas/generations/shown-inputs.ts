import { z } from 'zod'
import type { View } from '../../../domain/accounts/view.ts'
import type { GenerationRequest } from '../../../domain/generation/request.ts'
import type { InputMedia, InputReference } from '../../../domain/inputs/request-inputs.ts'
import { referenceRoles } from '../../../domain/inputs/request-inputs.ts'
import { hasInputs, routeInputsOf } from '../../../domain/inputs/route-inputs.ts'
import { mediaKinds } from '../../../domain/media-kind.ts'
import { generationId } from '../fields.ts'
import { shownWord } from '../shown-word.ts'

const file = {
  content_type: z.string(),
  width: z.int().meta({ description: 'Pixels. 0 for sound.' }),
  height: z.int(),
}

const frame = z.object(file).meta({ id: 'UsedFrame', description: 'The archived copy of a frame.' })

const reference = z
  .object({
    kind: shownWord(mediaKinds),
    role: shownWord(referenceRoles),
    name: z.string().nullable(),
    generation_id: generationId.nullable().meta({ description: 'The generation whose video it is.' }),
    ...file,
    duration: z.number().nullable().meta({ description: 'Seconds. Null for pictures.' }),
  })
  .meta({ id: 'UsedReference', description: 'The archived copy of a reference.' })

/** Never the addresses that the files came from: they may be signed. */
export const UsedInputs = z
  .object({
    first_frame: frame.nullable(),
    last_frame: frame.nullable(),
    references: z.array(reference),
    audio: z.boolean().nullable(),
    seed: z.int().nullable(),
    negative_prompt: z.string().nullable(),
    resolution: z.string().nullable(),
    aspect_ratio: z.string().nullable(),
    options: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  })
  .meta({ id: 'UsedInputs', description: 'The frames, references and settings of the request.' })

function toFrame(media: InputMedia | undefined): z.output<typeof frame> | null {
  if (media === undefined) return null
  return { content_type: media.contentType, width: media.width, height: media.height }
}

function toReference(media: InputReference, view: View): z.output<typeof reference> {
  return {
    kind: media.kind,
    role: media.role,
    name: view === 'whole' ? media.name : null,
    generation_id: media.generationId,
    content_type: media.contentType,
    width: media.width,
    height: media.height,
    duration: media.durationSeconds,
  }
}

/** Null where the request has none of them. In outline, without what a person wrote. */
export function toUsedInputs(request: GenerationRequest, view: View): z.output<typeof UsedInputs> | null {
  const isWhole = view === 'whole'
  if (!hasInputs(routeInputsOf(request))) return null
  return {
    first_frame: toFrame(request.firstFrame),
    last_frame: toFrame(request.lastFrame),
    references: (request.references ?? []).map((each) => toReference(each, view)),
    audio: request.audio ?? null,
    seed: request.seed ?? null,
    negative_prompt: isWhole ? (request.negativePrompt ?? null) : null,
    resolution: request.resolution ?? null,
    aspect_ratio: request.aspectRatio ?? null,
    options: isWhole ? (request.options ?? {}) : {},
  }
}
