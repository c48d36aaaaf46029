import { parse, stringify } from 'yaml'
import * as z from 'zod'
import type { SimulatedUpstream } from '../../../src/simulator/simulated-upstream.ts'
import type { Simulator } from '../../../src/simulator/simulator.ts'
import { chaosConfig } from '../stage.ts'
import type { FleetLimits } from './limits.ts'
import type { Role } from './nodes.ts'

/** Low enough that the fleet is at each of them most of the time. */
export function limitsOf(minutes: number): FleetLimits {
  return {
    inFlight: { upstream: 'own-gpu', most: 4 },
    creates: { upstream: 'official', perMinute: 24 },
    polls: { upstream: 'official', perSecond: 1 },
    budget: { key: 'bank', usd: Math.ceil(minutes * 8) },
  }
}

const file = z.looseObject({
  server: z.looseObject({}),
  auth: z.looseObject({ keys: z.array(z.looseObject({ name: z.string() })) }),
  upstreams: z.array(z.looseObject({ id: z.string(), limits: z.looseObject({}).optional() })),
})

/** The configuration of one node: that of the chaos run, on PostgreSQL and with the limits of the fleet. */
export function nodeConfig(
  {
    simulator,
    upstreams,
    directory,
  }: { simulator: Simulator; upstreams: SimulatedUpstream[]; directory: string },
  {
    url,
    role,
    deadlineSeconds,
    media,
  }: { url: string; role: Role; deadlineSeconds: number; media: object | null },
  { inFlight, creates, polls, budget }: FleetLimits,
): string {
  const base = file.parse(parse(chaosConfig(simulator, upstreams, directory, deadlineSeconds)))
  const limitsAt = (id: string) => ({
    ...(id === inFlight.upstream && { max_in_flight: inFlight.most }),
    ...(id === creates.upstream && { creates_per_minute: creates.perMinute }),
    ...(id === polls.upstream && { polls_per_second: polls.perSecond }),
  })
  return stringify({
    ...base,
    server: { ...base.server, role },
    storage: { url, statement_timeout_seconds: 5 },
    ...(media !== null && { media }),
    auth: {
      keys: base.auth.keys.map((key) =>
        key.name === budget.key ? { ...key, monthly_budget_usd: budget.usd } : key,
      ),
    },
    upstreams: base.upstreams.map((upstream) => ({
      ...upstream,
      limits: { ...upstream.limits, ...limitsAt(upstream.id) },
    })),
  })
}
