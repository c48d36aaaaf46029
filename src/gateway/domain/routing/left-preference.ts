import type { Warning } from '../generation/failure.ts'
import type { Generation } from '../generation/generation.ts'
import type { Exclusion } from '../generation/plan.ts'

/**
 * Says so where a generation that is to stay on the upstream of another one is rendered elsewhere, and why. `exclusion` is why
 * routing leaves the preferred upstream out now; null where it does not.
 */
export function leftPreference(
  { request, attempts, plan }: Generation,
  chosen: string,
  exclusion: Exclusion | null,
): Warning[] {
  const { prefer } = request.routing
  if (prefer === null || prefer.upstream === chosen) return []
  const failure = attempts.findLast(({ upstream }) => upstream === prefer.upstream)?.failure ?? null
  const left = exclusion ?? plan.excluded.find(({ upstream }) => upstream === prefer.upstream) ?? null
  const reason =
    failure === null ? left && `${left.code}: ${left.detail}` : `${failure.code}: ${failure.message}`
  const why = reason ?? 'it is no longer configured'
  const detail = `Rendered on ${chosen}, and not on ${prefer.upstream} as ${prefer.generation}: ${why}`
  return [{ code: 'series_upstream_changed', detail }]
}
