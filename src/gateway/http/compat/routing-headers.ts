import { z } from 'zod'
import { priorities } from '../../domain/generation/request.ts'
import type { AskedRouting } from '../../domain/generation/request.ts'

/** How a client of another protocol says what `routing` says here; the SDKs can send headers with every call. */
export const RoutingHeaders = z.looseObject({
  'understudy-priority': z
    .enum(priorities)
    .optional()
    .meta({ description: 'Same as `routing.priority`. Takes precedence over a suffix of the model.' }),
  'understudy-upstreams': z
    .string()
    .max(4096)
    .regex(/^[\w.-]{1,64}(?: *, *[\w.-]{1,64})*$/, 'must be names of upstreams, separated by commas')
    .optional()
    .meta({
      description: 'Same as `routing.upstreams`: names of upstreams, separated by commas.',
    }),
  'understudy-max-cost-usd': z.coerce
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    // Whoever tries an operation from a page pays nothing.
    .meta({ description: 'Same as `routing.max_cost_usd`.', examples: [0] }),
})

const unsaid: AskedRouting = {
  priority: null,
  upstreams: null,
  fallback: null,
  characterFidelity: null,
  duration: null,
  onUnknown: null,
  preferUpstreamOf: null,
  maxCostMicros: null,
  deadlineMs: null,
}

/**
 * The routing of one request, and the model without its suffix: `sora-2:stability` is `sora-2`, most stable first. Headers
 * that the route's schema took.
 */
export function readRouting(
  headers: unknown,
  asked: string | null,
): { routing: AskedRouting; model: string | null } {
  const {
    'understudy-priority': priority,
    'understudy-upstreams': upstreams,
    'understudy-max-cost-usd': maxCostUsd,
  } = RoutingHeaders.parse(headers)
  const [, model, suffix] = /^(.+):(cost|stability)$/.exec(asked ?? '') ?? []
  const bySuffix = suffix === 'cost' || suffix === 'stability' ? suffix : null
  return {
    model: model ?? asked,
    routing: {
      ...unsaid,
      priority: priority ?? bySuffix,
      upstreams: upstreams?.split(',').map((name) => name.trim()) ?? null,
      maxCostMicros: maxCostUsd === undefined ? null : Math.round(maxCostUsd * 1e6),
    },
  }
}
