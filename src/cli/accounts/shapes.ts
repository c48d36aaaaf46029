import { z } from 'zod'

/** The members of responses that the commands display. Other members are kept for `--json`. */
const figures = {
  monthly_budget_usd: z.number().nullable(),
  spent_this_month_usd: z.number(),
  reserved_this_month_usd: z.number(),
  in_flight: z.number(),
}

export const key = z.looseObject({
  ...figures,
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  source: z.string(),
  state: z.string(),
  scopes: z.array(z.string()),
  allow: z.array(z.string()),
  upstreams: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  requests_per_minute: z.number().nullable(),
  max_in_flight: z.number().nullable(),
  tenant_budget: z
    .looseObject({
      monthly_budget_usd: z.number(),
      spent_this_month_usd: z.number(),
      reserved_this_month_usd: z.number(),
    })
    .nullable(),
  budget_resets_at: z.string(),
  last_used_at: z.string().nullable(),
  expires_at: z.string().nullable(),
})

export const madeKey = key.extend({ secret: z.string() })

export const tenant = z.looseObject({ ...figures, name: z.string(), budget_resets_at: z.string() })

const page = { has_more: z.boolean(), next_cursor: z.string().nullable() }
export const keyPage = z.looseObject({ ...page, data: z.array(key) })
export const tenantPage = z.looseObject({ ...page, data: z.array(tenant) })

export type Key = z.output<typeof key>
export type Tenant = z.output<typeof tenant>
