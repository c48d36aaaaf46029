import { monthStart, nextMonthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { KeyStore } from '../../ports/accounts/key-store.ts'
import type { ReadKeyFigures } from '../../ports/accounts/read-key-figures.ts'
import type { TenantStore } from '../../ports/accounts/tenant-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import { auditEntry } from './audit-entry.ts'
import type { TenantService, TenantView } from './tenants.ts'

export interface TenantServiceDeps {
  tenants: TenantStore
  store: Pick<KeyStore, 'unrevoked'>
  /** Keys that are not made by the API, as they are now. */
  fixed: () => ReadonlyArray<{ client: Client }>
  figures: ReadKeyFigures
  noteView: NoteView
  ids: Ids
  clock: Clock
}

export function createTenantService(deps: TenantServiceDeps): TenantService {
  const { tenants, store, fixed, figures, clock } = deps

  async function show(name: string): Promise<TenantView> {
    const now = clock.now()
    const { monthlyBudgetMicros } = await tenants.get(name)
    const used = await figures({ tenant: name, key: null, monthStart: monthStart(now) })
    return { name, monthlyBudgetMicros, ...used, budgetResetsAt: nextMonthStart(now) }
  }

  /** Of keys that are not revoked; they are few enough to be held in memory anyway. */
  async function namedByKeys(): Promise<Set<string>> {
    const made = await store.unrevoked()
    return new Set([...made.map(({ tenant }) => tenant), ...fixed().map(({ client }) => client.tenant)])
  }

  return {
    async list(client, { after, limit }) {
      await noteFigures(deps.noteView, client, { tenant: null, part: 'tenants' })
      const stored = await tenants.names({ after, limit: limit + 1 })
      const named = [...(await namedByKeys())].filter((name) => after === null || name > after)
      // By code units, as the database orders names, which are ASCII.
      const names = [...new Set([...stored, ...named])].toSorted((a, b) => (a < b ? -1 : 1))
      const data: TenantView[] = []
      for (const name of names.slice(0, limit)) data.push(await show(name))
      return { data, hasMore: names.length > limit }
    },
    async get(client, name) {
      if (!(await tenants.has(name)) && !(await namedByKeys()).has(name)) throw noSuchTenant()
      await noteFigures(deps.noteView, client, { tenant: name, part: 'tenants' })
      return show(name)
    },
    async update(client, name, settings) {
      await tenants.put(name, settings, (before) =>
        auditEntry(deps, {
          actor: client,
          action: 'tenant.updated',
          subject: name,
          data: {
            changes: {
              monthly_budget_micros: { from: before.monthlyBudgetMicros, to: settings.monthlyBudgetMicros },
            },
          },
        }),
      )
      return show(name)
    },
  }
}

function noSuchTenant(): Problem {
  const detail = 'No key names this tenant, and it has no budget and no generations.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/name', detail }] })
}
