import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import type { SceneInputs, SceneMedia, SceneRequest } from '../../domain/series/scene-request.ts'
import type { AskedInputs, AskedMedia } from '../../services/generations/generations.ts'
import type { SceneInput, SeriesInput } from '../../services/series/series.ts'
import { GenerateRequest } from '../schemas/generations/generate.ts'
import type { SeriesBody } from '../schemas/series/series-request.ts'
import { toGenerationInput } from './generation-input.ts'
import { parse, validationFailed } from './validation.ts'

type SceneBody = SeriesBody['scenes'][number]

/** A parsed body in the words of the service: every scene with the shared settings applied. */
export function toSeriesInput(body: SeriesBody): SeriesInput {
  const { webhook_format: webhookFormat } = body
  return {
    name: body.name ?? null,
    characters: body.characters,
    scenes: toScenes(body),
    maxCostMicros: body.max_cost_usd === undefined ? null : Math.round(body.max_cost_usd * 1e6),
    webhookUrl: body.webhook_url ?? null,
    ...(webhookFormat !== undefined && { webhookFormat }),
    metadata: body.metadata ?? {},
  }
}

/** Every faulty scene is named, as where their members are checked. */
function toScenes({ scenes, settings = {} }: SeriesBody): SceneInput[] {
  const faults: FieldFault[] = []
  const inputs = scenes.flatMap((scene, index) => {
    try {
      return [toScene(scene, settings)]
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      faults.push(...error.faults.map((fault) => ({ ...fault, pointer: `/scenes/${index}${fault.pointer}` })))
      return []
    }
  })
  if (faults.length > 0) throw validationFailed(faults)
  return inputs
}

function toScene({ id, ...own }: SceneBody, settings: NonNullable<SeriesBody['settings']>): SceneInput {
  const routing = { ...settings.routing, ...own.routing }
  const { reference, inputs, ...input } = toGenerationInput(
    // What a scene and the settings say together must make sense too.
    parse(GenerateRequest, { ...settings, ...own, routing }),
    null,
  )
  return {
    id: id ?? null,
    request: {
      ...input,
      reference: urlOnly(reference),
      ...(inputs !== undefined && { inputs: toSceneInputs(inputs) }),
      webhookEvents: toldOf(own),
    },
  }
}

function toSceneInputs({ firstFrame, lastFrame, references, settings }: AskedInputs): SceneInputs {
  return {
    ...(firstFrame !== undefined && { firstFrame: withoutFile(firstFrame) }),
    ...(lastFrame !== undefined && { lastFrame: withoutFile(lastFrame) }),
    ...(references !== undefined && {
      references: references.map((each) => ({ ...withoutFile(each), role: each.role, name: each.name })),
    }),
    settings,
  }
}

function withoutFile(media: AskedMedia): SceneMedia {
  if (media.type !== 'stored') return media
  throw new Error('a series has no files')
}

/** The end of the series is told, and that of a scene only where the scene asks for it. */
function toldOf({ webhook_url: url, webhook_events: events }: SceneBody): SceneRequest['webhookEvents'] {
  return events ?? (url === undefined ? [] : null)
}

function urlOnly(reference: ReturnType<typeof toGenerationInput>['reference']): SceneRequest['reference'] {
  if (reference === null || reference.type === 'url') return reference
  throw new Error('a series has no files')
}
