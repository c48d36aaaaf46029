import type { Client } from '../../domain/accounts/client.ts'
import type { Exclusion, RoutePlan } from '../../domain/generation/plan.ts'
import { Problem } from '../../domain/problem.ts'
import { ceilingLeft, failedScene, mayGiveBack, scenesToAllot } from '../../domain/series/advance.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { Scene, Series } from '../../domain/series/series.ts'
import { knownBefore } from '../requests/keep-media.ts'
import { planRoute } from '../requests/plan-route.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'
import { withScene } from './follow-scenes.ts'

type Allotted = { type: 'scene'; scene: Scene } | { type: 'does_not_fit'; detail: string }

/**
 * Gives the next scenes their parts of the ceiling, which is stored before any of them is sent. A scene that does not fit waits
 * while others may give something back, and ends when none can; those behind it go on.
 */
export async function allotScenes(
  deps: SubmitGenerationDeps,
  client: Client,
  series: Series,
  requests: readonly SceneRequest[],
): Promise<Series> {
  const { scenes, most } = scenesToAllot(series)
  let next = series
  let free = most
  for (const scene of scenes) {
    if (free === 0) break
    const request = requests[scene.number - 1]
    if (request === undefined) throw new Error(`scene ${scene.number} of ${series.id} has no request`)
    const allotted = await allot(deps, client, { series: next, scene, request })
    if (allotted.type === 'scene') {
      next = withScene(next, allotted.scene)
      if (allotted.scene.allotmentMicros !== null) free -= 1
    } else if (!mayGiveBack(next, deps.clock.now())) {
      const error = { code: 'budget_exceeded', message: `The max_cost_usd of the series: ${allotted.detail}` }
      next = withScene(next, failedScene(scene, error, deps.clock.now()))
    }
  }
  return next
}

async function allot(
  deps: SubmitGenerationDeps,
  client: Client,
  { series, scene, request }: { series: Series; scene: Scene; request: SceneRequest },
): Promise<Allotted> {
  const left = ceilingLeft(series)
  try {
    const plan = await planWithin(deps, client, request, left)
    return { type: 'scene', scene: { ...scene, allotmentMicros: plan.worstCaseCostMicros } }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const own = request.routing.maxCostMicros
    const isOwn = left === null || (own !== null && own <= left)
    const detail = isOwn ? null : tooDear(error)
    if (detail !== null) return { type: 'does_not_fit', detail }
    return { type: 'scene', scene: failedScene(scene, sceneError(error), deps.clock.now()) }
  }
}

async function planWithin(
  deps: SubmitGenerationDeps,
  client: Client,
  request: SceneRequest,
  left: number | null,
): Promise<RoutePlan> {
  const resolved = await resolveRequest(deps, client, request)
  const maxCostMicros = lower(resolved.routing.maxCostMicros, left)
  const routing = { ...resolved.routing, maxCostMicros }
  return planRoute(deps, client, { ...resolved, routing }, knownBefore(request))
}

/** The lower of two ceilings, of which each may be none. */
export function lower(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** What the cheapest upstream would have cost, where the ceiling alone is in the way of some upstream; null otherwise. */
function tooDear({ code, extra }: Problem): string | null {
  const excluded = extra['excluded']
  if (code !== 'no_upstream' || !Array.isArray(excluded)) return null
  const dear = excluded.find(isTooDear)
  return dear === undefined ? null : dear.detail
}

function isTooDear(exclusion: unknown): exclusion is Pick<Exclusion, 'code' | 'detail'> {
  return (
    typeof exclusion === 'object' &&
    exclusion !== null &&
    'code' in exclusion &&
    exclusion.code === 'over_max_cost'
  )
}

/** Why a scene could not be sent, in words for who looks at the series. */
export function sceneError({ code, message }: Problem): NonNullable<Scene['error']> {
  return { code, message }
}
