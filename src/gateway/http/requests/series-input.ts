import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { SceneInput, SeriesInput } from '../../services/series/series.ts'
import type { SeriesBody } from '../schemas/series/series-request.ts'
import { toGenerationInput } from './generation-input.ts'

type SceneBody = SeriesBody['scenes'][number]

/** A parsed body in the words of the service: every scene with the shared settings applied. */
export function toSeriesInput(body: SeriesBody): SeriesInput {
  const { webhook_format: webhookFormat } = body
  return {
    name: body.name ?? null,
    characters: body.characters,
    scenes: body.scenes.map((scene) => toScene(scene, body.settings ?? {})),
    maxCostMicros: body.max_cost_usd === undefined ? null : Math.round(body.max_cost_usd * 1e6),
    webhookUrl: body.webhook_url ?? null,
    ...(webhookFormat !== undefined && { webhookFormat }),
    metadata: body.metadata ?? {},
  }
}

function toScene({ id, ...own }: SceneBody, settings: NonNullable<SeriesBody['settings']>): SceneInput {
  const routing = { ...settings.routing, ...own.routing }
  const input = toGenerationInput({ ...settings, ...own, routing }, null)
  return {
    id: id ?? null,
    request: { ...input, reference: urlOnly(input.reference), webhookEvents: toldOf(own) },
  }
}

/** The end of the series is told, and that of a scene only where the scene asks for it. */
function toldOf({ webhook_url: url, webhook_events: events }: SceneBody): SceneRequest['webhookEvents'] {
  return events ?? (url === undefined ? [] : null)
}

function urlOnly(reference: ReturnType<typeof toGenerationInput>['reference']): SceneRequest['reference'] {
  if (reference === null || reference.type === 'url') return reference
  throw new Error('a series has no files')
}
