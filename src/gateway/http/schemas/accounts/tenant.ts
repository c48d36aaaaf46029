import { z } from 'zod'
import type { TenantView } from '../../../services/accounts/tenants.ts'
import { timestamp, toTimestamp, toUsd, usd } from '../fields.ts'
import { monthlyBudget } from './key-request.ts'

export const TenantDto = z
  .object({
    object: z.literal('tenant'),
    name: z.string(),
    monthly_budget_usd: usd.nullable().meta({ description: 'Null means no limit.' }),
    spent_this_month_usd: usd.meta({ description: 'The settled costs of this month (UTC), of all keys.' }),
    reserved_this_month_usd: usd.meta({
      description: 'What open work may still cost. It counts against the budget together with what is spent.',
    }),
    budget_resets_at: timestamp,
    in_flight: z.int().meta({ description: 'Generations that have not ended.' }),
  })
  .meta({
    id: 'Tenant',
    description: 'The owner of what its keys make, and the budget that they share.',
    examples: [
      {
        object: 'tenant',
        name: 'studio',
        monthly_budget_usd: 500,
        spent_this_month_usd: 212.4,
        reserved_this_month_usd: 3.36,
        budget_resets_at: '2026-12-01T00:00:00.000Z',
        in_flight: 3,
      },
    ],
  })
export type TenantDto = z.output<typeof TenantDto>

export const TenantPage = z
  .object({
    data: z.array(TenantDto),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'TenantPage' })
export type TenantPage = z.output<typeof TenantPage>

export const TenantChange = z
  .strictObject({
    monthly_budget_usd: monthlyBudget.meta({
      description: 'What all keys of the tenant may spend in a calendar month (UTC). Null removes the limit.',
    }),
  })
  .meta({ id: 'TenantChange', examples: [{ monthly_budget_usd: 500 }] })

export function toTenantDto(tenant: TenantView): TenantDto {
  return {
    object: 'tenant',
    name: tenant.name,
    monthly_budget_usd: tenant.monthlyBudgetMicros === null ? null : toUsd(tenant.monthlyBudgetMicros),
    spent_this_month_usd: toUsd(tenant.spentMicros),
    reserved_this_month_usd: toUsd(tenant.reservedMicros),
    budget_resets_at: toTimestamp(tenant.budgetResetsAt),
    in_flight: tenant.inFlight,
  }
}
