import type { Client } from '../../domain/accounts/client.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { ComparisonId, MediaId } from '../../domain/ids.ts'
import type { Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'
import { isCharacterId } from '../../domain/ids.ts'
import { formatUsd, microsToUsd } from '../../domain/routing/price.ts'
import { Problem } from '../../domain/problem.ts'
import { mentionsOf } from '../../domain/characters/prompt.ts'
import type { Ids } from '../../ports/clock.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import type { ComparisonCost, ComparisonInput } from './comparisons.ts'
import type { GenerationInput } from '../generations/generations.ts'
import { budgetLeft, planRoute } from '../requests/plan-route.ts'
import { budgetExceeded } from '../usage/budget-exceeded.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'

export type PlanComparisonDeps = SubmitGenerationDeps & { directory: UpstreamDirectory; ids: Ids }

/** A comparison that may be stored: every scene can be played on every upstream, within the ceiling and the budget. */
export async function planComparison(
  deps: PlanComparisonDeps,
  client: Client,
  input: ComparisonInput,
  id: ComparisonId,
): Promise<Comparison> {
  const now = deps.clock.now()
  const { character, asked, cells } = await planned(deps, client, input)
  await checkCost(deps, client, input, cells)
  return {
    id,
    tenant: client.tenant,
    name: input.name,
    client,
    character: { id: character.id, name: character.name, clip: shownOf(character) },
    scenes: input.scenes,
    runs: input.runs,
    upstreams: input.upstreams,
    model: asked.model,
    durationSeconds: asked.durationSeconds,
    size: input.size ?? 'landscape',
    maxCostMicros: input.maxCostMicros,
    cells,
    createdAt: now,
    completedAt: null,
    dueAt: now,
    linkRound: 0,
  }
}

/** What the same request would cost at most; throws what creating it would, without the ceiling and the budget. */
export async function previewComparison(
  deps: PlanComparisonDeps,
  client: Client,
  input: Omit<ComparisonInput, 'maxCostMicros'>,
): Promise<ComparisonCost> {
  const { cells } = await planned(deps, client, { ...input, maxCostMicros: Number.MAX_SAFE_INTEGER })
  return costsOf(input.upstreams, cells)
}

function costsOf(upstreams: readonly string[], cells: readonly ComparisonCell[]): ComparisonCost {
  return {
    videos: cells.length,
    worstCaseMicros: costOf(cells),
    upstreams: upstreams.map((upstream) => {
      const own = cells.filter((cell) => cell.upstream === upstream)
      return { upstream, videos: own.length, worstCaseMicros: costOf(own) }
    }),
  }
}

async function planned(deps: PlanComparisonDeps, client: Client, input: ComparisonInput) {
  const character = await characterOf(deps, client, input.character)
  checkScenes(input, character)
  checkUpstreams(deps, client, input)
  const model = input.model ?? deps.defaults.model
  const asked = { ...input, model, durationSeconds: input.durationSeconds ?? 5 }
  return { character, asked, cells: await planCells(deps, client, asked) }
}

/** What a cell asks of the gateway: one upstream, no other in its place, and no dollar more than was planned. */
export function cellRequest(
  comparison: Pick<Comparison, 'scenes' | 'model' | 'durationSeconds' | 'size'>,
  cell: Pick<ComparisonCell, 'scene' | 'run' | 'upstream'> & { ceilingMicros: number | null },
  metadata: Record<string, string>,
): GenerationInput {
  return {
    prompt: comparison.scenes[cell.scene] ?? '',
    model: comparison.model,
    durationSeconds: comparison.durationSeconds,
    size: comparison.size,
    reference: null,
    routing: {
      priority: null,
      upstreams: [cell.upstream],
      fallback: false,
      characterFidelity: 'any',
      duration: 'nearest',
      onUnknown: 'fail',
      preferUpstreamOf: null,
      maxCostMicros: cell.ceilingMicros,
      deadlineMs: null,
    },
    webhookUrl: null,
    webhookEvents: null,
    metadata,
  }
}

async function characterOf(
  { characters }: PlanComparisonDeps,
  client: Client,
  idOrName: string,
): Promise<Character> {
  const character = isCharacterId(idOrName)
    ? await characters.get(idOrName)
    : await characters.getByName(client.tenant, idOrName)
  if (character !== null && character.tenant === client.tenant) return character
  throw faulty('character_not_found', '/character', 'does not exist, or belongs to another tenant')
}

function checkScenes({ scenes }: ComparisonInput, { id, name }: Character): void {
  for (const [index, scene] of scenes.entries()) {
    if (mentionsOf(scene).some((mention) => mention === id || mention === name)) continue
    throw faulty('validation_failed', `/scenes/${index}`, `does not mention the character: write @${name}`)
  }
}

function checkUpstreams({ directory }: PlanComparisonDeps, { allow }: Client, input: ComparisonInput): void {
  for (const [index, id] of input.upstreams.entries()) {
    const spec = directory.get(id)?.spec
    const pointer = `/upstreams/${index}`
    if (spec === undefined) throw faulty('validation_failed', pointer, 'is not a configured upstream')
    if (!allow.includes(spec.kind))
      throw faulty('validation_failed', pointer, 'may not be used with this key')
    if (input.upstreams.indexOf(id) < index) throw faulty('validation_failed', pointer, 'is listed twice')
  }
}

/** One cell for each scene, run and upstream, scene by scene; throws `no_upstream` for what can never be played. */
async function planCells(
  deps: PlanComparisonDeps,
  client: Client,
  asked: ComparisonInput & { model: string; durationSeconds: number },
): Promise<ComparisonCell[]> {
  const cells: ComparisonCell[] = []
  const comparison = { ...asked, size: asked.size ?? 'landscape' }
  for (const scene of asked.scenes.keys()) {
    const ceilings = new Map<string, number>()
    for (const upstream of asked.upstreams) {
      const request = cellRequest(comparison, { scene, run: 0, upstream, ceilingMicros: null }, {})
      const plan = await planRoute(deps, client, await resolveRequest(deps, client, request), {
        referenceKind: null,
      })
      ceilings.set(upstream, plan.worstCaseCostMicros)
    }
    for (let run = 0; run < asked.runs; run++) {
      for (const [upstream, ceilingMicros] of ceilings) {
        cells.push({ ...unplayed, scene, run, upstream, ceilingMicros, generationId: deps.ids.generation() })
      }
    }
  }
  return cells
}

const unplayed = {
  state: 'waiting',
  costMicros: null,
  reservedMicros: null,
  renderMs: null,
  fidelity: null,
  mediaId: null,
  failure: null,
  likeness: null,
  measured: false,
} as const

async function checkCost(
  deps: PlanComparisonDeps,
  client: Client,
  { maxCostMicros, upstreams }: ComparisonInput,
  cells: readonly ComparisonCell[],
): Promise<void> {
  const worst = costOf(cells)
  if (worst > maxCostMicros) {
    const detail = `The ${cells.length} videos may cost ${formatUsd(worst)}; max_cost_usd is ${formatUsd(maxCostMicros)}.`
    throw new Problem('over_max_cost', detail, {
      faults: [{ pointer: '/max_cost_usd', detail: `is less than the worst case, ${formatUsd(worst)}` }],
      extra: {
        videos: cells.length,
        max_cost_usd: microsToUsd(maxCostMicros),
        worst_case_cost_usd: microsToUsd(worst),
        upstreams: costsOf(upstreams, cells).upstreams.map(({ upstream, videos, worstCaseMicros }) => ({
          upstream,
          videos,
          worst_case_cost_usd: microsToUsd(worstCaseMicros),
        })),
      },
    })
  }
  const left = await budgetLeft(deps, client)
  if (left !== null && worst > left.micros) {
    throw budgetExceeded(client, left.owner, 'The worst-case cost of this comparison')
  }
}

function costOf(cells: readonly ComparisonCell[]): number {
  return cells.reduce((sum, { ceilingMicros }) => sum + ceilingMicros, 0)
}

function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, `${pointer.slice(1).replaceAll('/', '.')} ${detail}.`, {
    faults: [{ pointer, detail }],
  })
}

/** A character without a clip is shown by its pictures, to which nothing is compared. */
function shownOf({ clip, stills }: Character): MediaId {
  const shown = clip ?? stills?.pictures[0]
  if (shown === undefined) throw new Error('A character has neither a clip nor pictures.')
  return shown.mediaId
}
