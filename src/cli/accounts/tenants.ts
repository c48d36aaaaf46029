import type { Api } from '../gateway/api.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import type { Json, Unlimited } from './keys.ts'
import { everyOne } from './pages.ts'
import { tenant, tenantPage } from './shapes.ts'
import type { Tenant } from './shapes.ts'
import { budgetText, showTenants } from './show.ts'

/** `understudy tenants list`: what each has spent of its budget. */
export async function listTenants(api: Api, terminal: Terminal, { json }: Json): Promise<ExitCode> {
  const found: Tenant[] = []
  for await (const each of everyOne(api, '/tenants', tenantPage)) found.push(each)
  if (json === true) sayJson(terminal, found)
  else say(terminal, showTenants(found))
  return exitCodes.fine
}

/** `understudy tenants budget NAME USD` */
export async function setTenantBudget(
  api: Api,
  terminal: Terminal,
  name: string,
  budget: number | Unlimited,
  { json }: Json,
): Promise<ExitCode> {
  const body = { monthly_budget_usd: budget === 'unlimited' ? null : budget }
  const set = await api.call('PATCH', `/tenants/${encodeURIComponent(name)}`, tenant, { body })
  if (json === true) sayJson(terminal, set)
  else say(terminal, `${set.name}: ${budgetText(set.monthly_budget_usd, set)}`)
  return exitCodes.fine
}
