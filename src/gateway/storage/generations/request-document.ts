import { z } from 'zod'
import {
  durationRules,
  failureRules,
  fidelityFloors,
  priorities,
  sourceKinds,
} from '../../domain/generation/request.ts'
import { shapes } from '../../domain/routing/upstream.ts'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import { storedWord } from '../stored-word.ts'
import type { Json } from '../../domain/json.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { webhookEvent } from '../log-entry-type.ts'
import { mediaKinds, visualKinds } from '../../domain/media-kind.ts'
import { referenceRoles } from '../../domain/inputs/request-inputs.ts'
import type { AspectRatio, Resolution } from '../../domain/inputs/picture.ts'

export const size = z.templateLiteral([z.number(), 'x', z.number()])
export const mediaId = z.templateLiteral(['media_', z.string()])
/** Values come from `JSON.parse`, so they are JSON already. Only a missing key has to be rejected. */
export const json = z.custom<Json>((value) => value !== undefined)

const inputMedia = {
  mediaId,
  kind: storedWord(mediaKinds),
  contentType: z.string(),
  width: z.number(),
  height: z.number(),
  durationSeconds: z.number().nullable(),
}
const generationId = z.templateLiteral(['gen_', z.string()])
const written = <Text extends string>() => z.custom<Text>((value) => typeof value === 'string')

/** Settings beside the files, as a request and a scene of a series have them. */
export const settings = {
  audio: z.boolean().exactOptional(),
  seed: z.number().exactOptional(),
  negativePrompt: z.string().exactOptional(),
  resolution: written<Resolution>().exactOptional(),
  aspectRatio: written<AspectRatio | 'auto'>().exactOptional(),
  options: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .exactOptional(),
}

/** What requests of earlier releases have none of. */
const inputs = {
  firstFrame: z.object(inputMedia).exactOptional(),
  lastFrame: z.object(inputMedia).exactOptional(),
  references: z
    .array(
      z.object({
        ...inputMedia,
        role: storedWord(referenceRoles),
        name: z.string().nullable(),
        generationId: generationId.nullable(),
      }),
    )
    .exactOptional(),
  ...settings,
}

/** The stored form of a request; see `generation-document.ts`. */
export const requestDocument: z.ZodType<GenerationRequest> = z.object({
  prompt: z.string(),
  model: z.string(),
  durationSeconds: z.number(),
  size: z.union([z.enum(shapes), size]),
  reference: z
    .object({
      mediaId,
      kind: storedWord(visualKinds),
      contentType: z.string(),
      influence: z.number().nullable(),
    })
    .nullable(),
  ...inputs,
  source: z
    .object({
      kind: storedWord(sourceKinds),
      generationId: generationId.nullable(),
      mediaId,
      contentType: z.string(),
      durationSeconds: z.number(),
      holder: z
        .object({
          upstream: z.string(),
          operation: json,
          account: z
            .object({ origin: z.string(), credential: z.string().nullable() })
            .nullable()
            .default(null),
        })
        .nullable(),
    })
    .exactOptional(),
  characters: z.array(
    z.object({
      id: z.templateLiteral(['char_', z.string()]),
      name: z.string(),
      description: z.string(),
      label: z.string().exactOptional(),
    }),
  ),
  routing: z.object({
    priority: storedWord(priorities),
    upstreams: z.array(z.string()).nullable(),
    fallback: z.boolean(),
    characterFidelity: storedWord(fidelityFloors),
    duration: storedWord(durationRules),
    onUnknown: storedWord(failureRules),
    prefer: z
      .object({ generation: z.templateLiteral(['gen_', z.string()]), upstream: z.string() })
      .nullable()
      .default(null),
    maxCostMicros: z.number().nullable(),
    deadlineMs: z.number(),
  }),
  webhookUrl: z.string().nullable(),
  webhookEvents: z.array(webhookEvent).default([]),
  webhookFormat: storedWord(webhookFormats).exactOptional(),
  metadata: z.record(z.string(), z.string()),
})
