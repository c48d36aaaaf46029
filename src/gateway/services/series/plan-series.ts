import type { Client } from '../../domain/accounts/client.ts'
import type { SeriesId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { formatUsd, microsToUsd } from '../../domain/routing/price.ts'
import { newScene } from '../../domain/series/series.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'
import { charactersOf, planScenes, withCharacters } from './plan-scenes.ts'
import type { PlannedScene } from './plan-scenes.ts'
import type { SceneInput, SeriesInput, SeriesPlan, SeriesView } from './series.ts'

/** What the scenes would cost now, and which way each would go. Sends and stores nothing. */
export async function routeSeries(
  deps: SubmitGenerationDeps,
  client: Client,
  input: SeriesInput,
): Promise<SeriesPlan> {
  checkIds(input.scenes)
  const characters = await charactersOf(deps, client, input.characters)
  const planned = await planScenes(deps, client, withCharacters(input.scenes, characters))
  const plans = planned.flatMap(({ plan }) => plan ?? [])
  const worstCaseCostMicros = plans.reduce((sum, plan) => sum + plan.worstCaseCostMicros, 0)
  return {
    scenes: planned.map((scene, index) => ({ id: scene.input.id ?? String(index + 1), plan: scene.plan })),
    estimatedCostMicros: plans.reduce((sum, plan) => sum + plan.estimatedCostMicros, 0),
    worstCaseCostMicros,
    maxCostMicros: input.maxCostMicros,
    isWithinMaxCost:
      plans.length === planned.length &&
      (input.maxCostMicros === null || worstCaseCostMicros <= input.maxCostMicros),
  }
}

/** A series that may be stored: every scene can be rendered by somebody. Throws one problem that points at each scene that cannot. */
export async function planSeries(
  deps: SubmitGenerationDeps,
  client: Client,
  input: SeriesInput,
  id: SeriesId,
): Promise<SeriesView> {
  checkIds(input.scenes)
  const characters = await charactersOf(deps, client, input.characters)
  const planned = await planScenes(deps, client, withCharacters(input.scenes, characters))
  checkCeiling(input, planned)
  const { url, ...told } = await webhookOf(deps, client, input)
  const now = deps.clock.now()
  return {
    series: {
      id,
      tenant: client.tenant,
      client,
      name: input.name,
      characters: characters.map((character) => character.id),
      scenes: planned.map((scene, index) =>
        newScene({
          id: scene.input.id ?? String(index + 1),
          number: index + 1,
          generationId: deps.ids.generation(),
          ownWarnings: scene.ownWarnings,
        }),
      ),
      maxCostMicros: input.maxCostMicros,
      webhookUrl: url,
      ...told,
      metadata: input.metadata,
      retries: [],
      cancelledAt: null,
      createdAt: now,
      completedAt: null,
      dueAt: now,
    },
    requests: planned.map((scene) => scene.input.request),
    asideUntil: null,
  }
}

function checkIds(scenes: readonly SceneInput[]): void {
  const ids = scenes.map(({ id }, index) => id ?? String(index + 1))
  const faults = ids.flatMap((id, index) => {
    const first = ids.indexOf(id)
    if (first === index) return []
    return [{ pointer: `/scenes/${index}/id`, detail: `is the id of scene ${first + 1} too: ${id}` }]
  })
  if (faults.length > 0) throw new Problem('validation_failed', 'Two scenes have the same id.', { faults })
}

/** Nothing is accepted of which not even the first scene can be paid for. */
function checkCeiling({ maxCostMicros }: SeriesInput, planned: readonly PlannedScene[]): void {
  const plan = planned[0]?.plan ?? null
  if (maxCostMicros === null || plan === null) return
  const prices = [...plan.candidates, ...plan.standby].map(({ estimatedCostMicros }) => estimatedCostMicros)
  const cheapest = Math.min(...prices)
  if (cheapest <= maxCostMicros) return
  const detail = `The first scene costs at least ${formatUsd(cheapest)}, which exceeds max_cost_usd, ${formatUsd(maxCostMicros)}.`
  throw new Problem('over_max_cost', detail, {
    faults: [
      { pointer: '/max_cost_usd', detail: `is less than the first scene costs, ${formatUsd(cheapest)}` },
    ],
    extra: { max_cost_usd: microsToUsd(maxCostMicros), first_scene_cost_usd: microsToUsd(cheapest) },
  })
}

/** Where the end of the series is told: as asked, else as the key is configured. */
async function webhookOf(
  { checkWebhook }: SubmitGenerationDeps,
  client: Client,
  { webhookUrl, webhookFormat = client.webhookFormat }: SeriesInput,
) {
  const url = webhookUrl ?? client.webhookUrl
  if (url === null) return { url }
  await checkWebhook(client.tenant, url)
  return { url, ...(webhookFormat !== undefined && { webhookFormat }) }
}
