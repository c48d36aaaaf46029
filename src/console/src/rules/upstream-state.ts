/** What an upstream is shown as, the most pressing first. */
export const upstreamStates = [
  'disabled',
  'paused',
  'failing',
  'trying',
  'outage',
  'hindered',
  'over_cap',
  'full',
  'ready',
] as const
export type UpstreamState = (typeof upstreamStates)[number]

export const breakerNames = ['create', 'poll', 'fetch', 'character'] as const
export type BreakerName = (typeof breakerNames)[number]

export interface Breaker {
  state: 'closed' | 'half_open' | 'open'
  retry_at: string | null
}

export interface UpstreamFacts {
  enabled: boolean
  pause: { upstream: string | null } | null
  breakers: Record<BreakerName, Breaker>
  outages: readonly unknown[]
  models: readonly string[]
  health: { free_slots: number | null }
  spend: { cap_usd: number | null; left_usd: number | null } | null
}

/**
 * One state for an upstream. `failing`: its create breaker is open. `outage`: it says that it does not serve a model.
 * `hindered`: creates go, and another breaker is not closed. `full`: all slots are taken.
 */
export function upstreamState(upstream: UpstreamFacts): UpstreamState {
  const { enabled, pause, breakers, outages, health, spend } = upstream
  if (!enabled) return 'disabled'
  if (pause !== null) return 'paused'
  if (breakers.create.state === 'open') return 'failing'
  if (breakers.create.state === 'half_open') return 'trying'
  if (outages.length > 0) return 'outage'
  if (breakerNames.some((name) => breakers[name].state !== 'closed')) return 'hindered'
  if (spend !== null && spend.cap_usd !== null && (spend.left_usd ?? 0) <= 0) return 'over_cap'
  return health.free_slots === 0 ? 'full' : 'ready'
}

const wellStates: readonly UpstreamState[] = ['disabled', 'full', 'ready']

/** Whether a person should look at it. One that is switched off in the configuration is meant to be off. */
export function isSick(upstream: UpstreamFacts): boolean {
  return !wellStates.includes(upstreamState(upstream))
}

/** The most pressing first; those of one state keep their order. */
export function byUrgency<Upstream extends UpstreamFacts>(upstreams: readonly Upstream[]): Upstream[] {
  const rank = (upstream: Upstream) => urgency.indexOf(upstreamState(upstream))
  return upstreams.toSorted((one, other) => rank(one) - rank(other))
}

/** One that fails by itself before one that somebody paused. */
const urgency: readonly UpstreamState[] = [
  'failing',
  'outage',
  'trying',
  'hindered',
  'over_cap',
  'paused',
  'full',
  'ready',
  'disabled',
]

/** When the first of its breakers that are not closed lets a request through again; null if none says. */
export function nextTryAt(breakers: UpstreamFacts['breakers']): string | null {
  const times = breakerNames.flatMap((name) => breakers[name].retry_at ?? [])
  return times.toSorted((one, other) => Date.parse(one) - Date.parse(other)).at(0) ?? null
}

/** A pause of all submissions, which every upstream shows. */
export function overallPause<Pause extends { upstream: string | null }>(
  upstreams: ReadonlyArray<{ pause: Pause | null }>,
): Pause | null {
  return upstreams.find(({ pause }) => pause !== null && pause.upstream === null)?.pause ?? null
}

/** Jobs there and how many there may be; null where that is not limited. */
export function slotsOf(health: {
  free_slots: number | null
  max_in_flight: number | null
}): { used: number; limit: number } | null {
  const { free_slots: free, max_in_flight: limit } = health
  return free === null || limit === null ? null : { used: Math.max(0, limit - free), limit }
}
