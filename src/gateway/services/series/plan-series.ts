import type { Client } from '../../domain/accounts/client.ts'
import type { Character } from '../../domain/characters/character.ts'
import { mentionsOf } from '../../domain/characters/prompt.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import { isCharacterId } from '../../domain/ids.ts'
import type { SeriesId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import { formatUsd, microsToUsd } from '../../domain/routing/price.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import { newScene } from '../../domain/series/series.ts'
import { planRoute } from '../requests/plan-route.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'
import type { SceneInput, SeriesInput, SeriesView } from './series.ts'

/** A scene that can be sent, with its plan; null where only the key's budget is in the way of a plan now. */
interface PlannedScene {
  input: SceneInput
  isCharacterAdded: boolean
  plan: RoutePlan | null
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
      scenes: planned.map((scene, index) =>
        newScene({
          id: scene.input.id ?? String(index + 1),
          number: index + 1,
          generationId: deps.ids.generation(),
          ownWarnings: scene.isCharacterAdded ? [characterAdded(characters)] : [],
        }),
      ),
      maxCostMicros: input.maxCostMicros,
      webhookUrl: url,
      ...told,
      metadata: input.metadata,
      cancelledAt: null,
      createdAt: now,
      completedAt: null,
      dueAt: now,
    },
    requests: planned.map((scene) => scene.input.request),
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

async function charactersOf(
  { characters }: SubmitGenerationDeps,
  client: Client,
  named: readonly string[],
): Promise<Character[]> {
  const found: Character[] = []
  const faults: FieldFault[] = []
  for (const [index, idOrName] of named.entries()) {
    const character = isCharacterId(idOrName)
      ? await characters.get(idOrName)
      : await characters.getByName(client.tenant, idOrName)
    if (character?.tenant === client.tenant) found.push(character)
    else
      faults.push({
        pointer: `/characters/${index}`,
        detail: `${idOrName} does not exist, or belongs to another tenant`,
      })
  }
  if (faults.length === 0) return found
  throw new Problem('character_not_found', 'The series names a character that does not exist.', { faults })
}

type Prepared = Omit<PlannedScene, 'plan'>

/** A scene that mentions none of the series' characters gets all of them put in front of its prompt. */
function withCharacters(scenes: readonly SceneInput[], characters: readonly Character[]): Prepared[] {
  const handles = new Set(characters.flatMap(({ id, name }) => [id, name]))
  const prefix = characters.map(({ name }) => `@${name} `).join('')
  return scenes.map((input) => {
    const { prompt } = input.request
    if (characters.length === 0 || mentionsOf(prompt).some((mention) => handles.has(mention)))
      return { input, isCharacterAdded: false }
    const request = { ...input.request, prompt: prefix + prompt }
    return { input: { ...input, request }, isCharacterAdded: true }
  })
}

function characterAdded(characters: readonly Character[]) {
  const names = characters.map(({ name }) => `@${name}`).join(' ')
  const detail = `The prompt mentioned no character of the series; ${names} was added at its beginning.`
  return { code: 'character_added' as const, detail }
}

/** Plans every scene before it says what is wrong, so that all faulty ones are named together. */
async function planScenes(
  deps: SubmitGenerationDeps,
  client: Client,
  scenes: readonly Prepared[],
): Promise<PlannedScene[]> {
  const planned: PlannedScene[] = []
  const faulty: Array<{ index: number; problem: Problem }> = []
  for (const [index, scene] of scenes.entries()) {
    try {
      planned.push({ ...scene, plan: await planScene(deps, client, scene.input.request) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // What the month has left may change until a later scene is sent; the first one is sent now.
      if (error.code === 'budget_exceeded' && index > 0) planned.push({ ...scene, plan: null })
      else faulty.push({ index, problem: error })
    }
  }
  const [first] = faulty
  if (first === undefined) return planned
  throw new Problem(first.problem.code, messageOf(faulty.length, first), {
    faults: faulty.flatMap(faultsOf),
    extra: {
      scenes: faulty.map(({ index, problem }) => ({
        ...problem.extra,
        scene: index + 1,
        code: problem.code,
        detail: problem.message,
      })),
    },
  })
}

async function planScene(
  deps: SubmitGenerationDeps,
  client: Client,
  request: SceneRequest,
): Promise<RoutePlan> {
  const resolved = await resolveRequest(deps, client, request)
  return planRoute(deps, client, resolved, { referenceKind: request.reference?.kind ?? null })
}

function messageOf(count: number, { index, problem }: { index: number; problem: Problem }): string {
  const rest = count > 1 ? ` ${count - 1} more scenes have faults; see errors.` : ''
  return `Scene ${index + 1}: ${problem.message}${rest}`
}

function faultsOf({ index, problem }: { index: number; problem: Problem }): FieldFault[] {
  const pointer = `/scenes/${index}`
  if (problem.faults.length === 0) return [{ pointer, detail: problem.message }]
  return problem.faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }))
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
