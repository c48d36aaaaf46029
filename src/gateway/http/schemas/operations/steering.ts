import { z } from 'zod'
import { breakerStates, operations } from '../../../domain/routing/upstream.ts'
import type { BreakerReset } from '../../../domain/routing/upstream.ts'
import { probeOperations, probeStatuses } from '../../../domain/steering/probe.ts'
import type { ProbedCall, ProbeReport } from '../../../domain/steering/probe.ts'
import { toUsd } from '../fields.ts'

export const BreakerResetDto = z
  .object({
    upstream: z.string(),
    operation: z.enum(operations),
    before: z.enum(breakerStates).meta({ description: 'The state of the breaker before. It is closed now.' }),
    models: z.array(z.string()).meta({
      description: 'Models that were reported as unavailable and are tried again now. Only for `create`.',
    }),
  })
  .meta({
    id: 'BreakerReset',
    examples: [{ upstream: 'reseller', operation: 'create', before: 'open', models: ['sora-2'] }],
  })
export type BreakerResetDto = z.output<typeof BreakerResetDto>

const balance = z
  .object({
    amount: z.number().meta({ description: 'Below 0 if money is owed.' }),
    unit: z.string(),
    usd: z.number().nullable().meta({ description: 'Null if the worth of the unit is not known.' }),
  })
  .meta({ id: 'Balance' })

const call = z
  .object({
    operation: z.enum(probeOperations),
    status: z.enum(probeStatuses).meta({
      description:
        '`ok`: the expected response. `account_rejected`: the key or the balance is not accepted. `busy`: a rate limit or overload. `unsupported`: no such endpoint at the base URL. `unreachable`: no response in time. `unreadable`: any other response.',
    }),
    http_status: z.int().nullable().meta({ description: 'Null if there is no response.' }),
    milliseconds: z.int().min(0),
    message: z.string().nullable().meta({ description: 'What the upstream said. Null if it is `ok`.' }),
    jobs: z.int().nullable().meta({ description: 'The number of jobs on the first page of the list.' }),
    models: z.array(z.string()).nullable().meta({ description: 'The listed models.' }),
    balance: balance.nullable(),
  })
  .meta({ id: 'ProbedCall' })

export const ProbeDto = z
  .object({
    upstream: z.string(),
    calls: z.array(call).meta({ description: 'Empty if its dialect has no call that costs nothing.' }),
    missing_models: z.array(z.string()).nullable().meta({
      description: 'Configured models that the upstream does not list. Null if it lists none.',
    }),
  })
  .meta({
    id: 'Probe',
    examples: [
      {
        upstream: 'runway',
        calls: [
          {
            operation: 'balance',
            status: 'ok',
            http_status: 200,
            milliseconds: 212,
            message: null,
            jobs: null,
            models: null,
            balance: { amount: 5000, unit: 'credits', usd: 50 },
          },
        ],
        missing_models: null,
      },
    ],
  })
export type ProbeDto = z.output<typeof ProbeDto>

export function toBreakerResetDto(upstream: string, reset: BreakerReset): BreakerResetDto {
  return { upstream, ...reset }
}

export function toProbeDto({ upstream, calls, missingModels }: ProbeReport): ProbeDto {
  return { upstream, calls: calls.map(toCallDto), missing_models: missingModels }
}

function toCallDto({ operation, status, ms, httpStatus, message, ...found }: ProbedCall) {
  return {
    operation,
    status,
    http_status: httpStatus,
    milliseconds: ms,
    message,
    jobs: found.jobs ?? null,
    models: found.models ?? null,
    balance: found.balance === undefined ? null : toBalanceDto(found.balance),
  }
}

function toBalanceDto({ amount, unit, micros }: NonNullable<ProbedCall['balance']>) {
  return { amount, unit, usd: micros === null ? null : toUsd(micros) }
}
