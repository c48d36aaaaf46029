import { z } from 'zod'
import { durationRules, failureRules, fidelityFloors, priorities } from '../../domain/generation/request.ts'
import { mediaKinds, visualKinds } from '../../domain/media-kind.ts'
import { referenceRoles } from '../../domain/inputs/request-inputs.ts'
import { shapes } from '../../domain/routing/upstream.ts'
import { sceneStatuses } from '../../domain/series/series.ts'
import type { Scene, Series } from '../../domain/series/series.ts'
import type { SceneInputs, SceneRequest } from '../../domain/series/scene-request.ts'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import type { StoredSeries } from '../../ports/series/series-store.ts'
import { clientDocument } from '../accounts/client-document.ts'
import { generationId, videoDocument, warningDocuments } from '../generations/generation-document.ts'
import { settings, size } from '../generations/request-document.ts'
import { webhookEvent } from '../log-entry-type.ts'
import { storedWord } from '../stored-word.ts'

/** The stored form of a series. A field added to the domain needs a `.default(…)` here, as in a generation's document. */

export const seriesId = z.templateLiteral(['ser_', z.string()])
const instant = z.number().nullable()

const scene: z.ZodType<Scene> = z.object({
  id: z.string(),
  number: z.number(),
  status: storedWord(sceneStatuses),
  progress: z.number(),
  generationId,
  previousGenerationIds: z.array(generationId),
  allotmentMicros: z.number().nullable(),
  isSent: z.boolean(),
  isAccepted: z.boolean(),
  isOpen: z.boolean(),
  costMicros: z.number(),
  reservedMicros: z.number(),
  earlierCostMicros: z.number(),
  upstream: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  ownWarnings: warningDocuments,
  warnings: warningDocuments,
  video: videoDocument.nullable(),
  startedAt: instant,
  completedAt: instant,
})

const seriesDocument: z.ZodType<Series> = z.object({
  id: seriesId,
  tenant: z.string(),
  client: clientDocument,
  name: z.string().nullable(),
  characters: z.array(z.templateLiteral(['char_', z.string()])).default([]),
  scenes: z.array(scene),
  maxCostMicros: z.number().nullable(),
  webhookUrl: z.string().nullable(),
  webhookFormat: storedWord(webhookFormats).exactOptional(),
  metadata: z.record(z.string(), z.string()),
  retries: z.array(z.templateLiteral(['aud_', z.string()])).default([]),
  cancelledAt: instant,
  createdAt: z.number(),
  completedAt: instant,
  dueAt: instant,
})

const sceneMedia = z.union([
  z.object({ type: z.literal('url'), pointer: z.string(), kind: storedWord(mediaKinds), url: z.string() }),
  z.object({ type: z.literal('generation'), pointer: z.string(), id: generationId }),
])
const reference = z.object({ role: storedWord(referenceRoles).nullable(), name: z.string().nullable() })

const sceneInputs: z.ZodType<SceneInputs> = z.object({
  firstFrame: sceneMedia.exactOptional(),
  lastFrame: sceneMedia.exactOptional(),
  references: z.array(z.intersection(sceneMedia, reference)).exactOptional(),
  settings: z.object(settings),
})

const sceneRequest: z.ZodType<SceneRequest> = z.object({
  prompt: z.string(),
  model: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  size: z.union([z.enum(shapes), size]).nullable(),
  reference: z
    .object({
      type: z.literal('url'),
      kind: storedWord(visualKinds),
      url: z.string(),
      influence: z.number().nullable(),
    })
    .nullable(),
  inputs: sceneInputs.exactOptional(),
  routing: z.object({
    priority: storedWord(priorities).nullable(),
    upstreams: z.array(z.string()).nullable(),
    fallback: z.boolean().nullable(),
    characterFidelity: storedWord(fidelityFloors).nullable(),
    duration: storedWord(durationRules).nullable(),
    onUnknown: storedWord(failureRules).nullable(),
    preferUpstreamOf: generationId.nullable(),
    maxCostMicros: z.number().nullable(),
    deadlineMs: z.number().nullable(),
  }),
  webhookUrl: z.string().nullable(),
  webhookEvents: z.array(webhookEvent).nullable(),
  webhookFormat: storedWord(webhookFormats).exactOptional(),
  metadata: z.record(z.string(), z.string()),
})

const documentRow = z.object({ doc: z.string() })
const storedRow = documentRow.extend({ version: z.number() })

export function parseSeries(row: unknown): Series {
  return seriesDocument.parse(JSON.parse(documentRow.parse(row).doc))
}

export function parseStoredSeries(row: unknown): StoredSeries {
  return { series: parseSeries(row), version: storedRow.parse(row).version }
}

export function parseRequests(text: string): SceneRequest[] {
  return z.array(sceneRequest).parse(JSON.parse(text))
}
