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
import { mediaKinds } from '../../domain/media-kind.ts'

export const size = z.templateLiteral([z.number(), 'x', z.number()])
export const mediaId = z.templateLiteral(['media_', z.string()])
/** Text that went through `JSON.parse` holds nothing but JSON; only a missing key is left to notice. */
export const json = z.custom<Json>((value) => value !== undefined)

/** The stored form of a request; see `generation-document.ts`. */
export const requestDocument: z.ZodType<GenerationRequest> = z.object({
  prompt: z.string(),
  model: z.string(),
  durationSeconds: z.number(),
  size: z.union([z.enum(shapes), size]),
  reference: z
    .object({
      mediaId,
      kind: storedWord(mediaKinds),
      contentType: z.string(),
      influence: z.number().nullable(),
    })
    .nullable(),
  source: z
    .object({
      kind: storedWord(sourceKinds),
      generationId: z.templateLiteral(['gen_', z.string()]).nullable(),
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
