import { route } from '../../domain/routing/routing.ts'
import type { RouteDecision } from '../../domain/routing/routing.ts'
import type { RoutePolicy, RouteRequest } from '../../domain/routing/route-request.ts'
import { operations } from '../../domain/routing/upstream.ts'
import type { UpstreamSpec, UpstreamView } from '../../domain/routing/upstream.ts'

/** About 3 KB each with three upstreams. */
const mostRemembered = 500

interface Remembered {
  specs: readonly UpstreamSpec[]
  decision: RouteDecision
}

/**
 * `route`, which is pure, with what it decided last for requests of the same shape under the same policy while the upstreams
 * are as they were. Deciding takes about 35 µs with three upstreams, finding it again 12. What it returns is frozen.
 */
export function createRememberedRoutes(): typeof route {
  /** The one that was asked for last at the end. */
  const known = new Map<string, Remembered>()

  return (request, upstreams, policy) => {
    if (!isShort(request, upstreams)) return route(request, upstreams, policy)
    const shape = shapeOf(request, upstreams, policy)
    const found = known.get(shape)
    known.delete(shape)
    if (found !== undefined && upstreams.every(({ spec }, index) => spec === found.specs[index])) {
      known.set(shape, found)
      return found.decision
    }
    const decision = frozen(route(request, upstreams, policy))
    known.set(shape, { specs: upstreams.map(({ spec }) => spec), decision })
    const [oldest] = known.keys()
    if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest)
    return decision
  }
}

/** Whether every upstream takes a prompt of this length, so that the length decides nothing. */
function isShort({ promptCharacters }: RouteRequest, upstreams: readonly UpstreamView[]): boolean {
  const longest = Math.max(promptCharacters.native, promptCharacters.reference)
  return upstreams.every(
    ({ spec: { maxPromptCharacters } }) => maxPromptCharacters === null || longest <= maxPromptCharacters,
  )
}

/** All that routing reads, but for the specs, which are compared as objects. Of free slots it matters whether there are any. */
function shapeOf(
  { promptCharacters: _short, ...request }: RouteRequest,
  upstreams: readonly UpstreamView[],
  policy: RoutePolicy,
): string {
  return JSON.stringify([request, policy, upstreams.map(stateOf)])
}

/** Few have anything to say, and only their states are worth writing out. */
function stateOf({ spec: _same, freeSlots, ...state }: UpstreamView): unknown {
  const { enabled, pause, spend, breakers, outages, successRate, latencyMs } = state
  const isFree = freeSlots === null || freeSlots > 0
  const isPlain = enabled && pause == null && spend === undefined && outages.length === 0
  const isClosed = operations.every((operation) => breakers[operation].state === 'closed')
  return isPlain && isClosed ? [isFree, successRate, latencyMs] : [isFree, state]
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
