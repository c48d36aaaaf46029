import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { BudgetMeter } from '../../ui/budget/budget-meter.tsx'
import { Button } from '../../ui/button.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Field } from './key-fields.tsx'
import { KeyForm } from './key-form.tsx'
import { tenantsQuery } from './queries.ts'
import type { Tenant } from './queries.ts'
import { keyWords } from './words.ts'

/** Tenants, and the budgets that their keys share. */
export function Tenants() {
  const t = useWords(keyWords)
  const query = useQuery(tenantsQuery)
  const [changed, setChanged] = useState<Tenant | null>(null)
  return (
    <section className="tenants" aria-labelledby="tenants">
      <h2 id="tenants">{t('tenants')}</h2>
      <p className="small mute">{t('tenants_detail')}</p>
      <Loaded query={query} bones={3}>
        {({ data }) => (
          <div className="panel panel-flush">
            <table className="table cards" role="table" aria-label={t('tenants_name')}>
              <thead role="rowgroup">
                <tr role="row">
                  {(['column_tenant', 'column_budget', 'open_work', 'column_actions'] as const).map(
                    (word) => (
                      <th key={word} role="columnheader" scope="col">
                        {t(word)}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {data.map((tenant) => (
                  <TenantRow key={tenant.name} of={tenant} onChange={() => setChanged(tenant)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {changed !== null && <ChangeBudget of={changed} onClose={() => setChanged(null)} />}
    </section>
  )
}

function TenantRow({ of, onChange }: { of: Tenant; onChange: () => void }) {
  const t = useWords(keyWords)
  const { usd, number } = useFormat()
  return (
    <tr role="row">
      <td role="cell">
        <strong>{of.name}</strong>
      </td>
      <td role="cell">
        {of.monthly_budget_usd === null ? (
          <span className="small mute">{t('no_budget', { amount: usd(of.spent_this_month_usd) })}</span>
        ) : (
          <BudgetMeter
            name={of.name}
            budget={{
              limitUsd: of.monthly_budget_usd,
              paidUsd: of.spent_this_month_usd,
              reservedUsd: of.reserved_this_month_usd,
            }}
          />
        )}
      </td>
      <td role="cell" data-label={t('open_work')}>
        {number(of.in_flight)}
      </td>
      <td role="cell">
        <Button className="small" onClick={onChange}>
          {t('change_budget')}
          <span className="visually-hidden">{of.name}</span>
        </Button>
      </td>
    </tr>
  )
}

function ChangeBudget({ of, onClose }: { of: Tenant; onClose: () => void }) {
  const t = useWords(keyWords)
  const [typed, setTyped] = useState(of.monthly_budget_usd === null ? '' : String(of.monthly_budget_usd))
  const budget = typed.trim() === '' ? null : Number(typed)
  const body = { monthly_budget_usd: budget }
  return (
    <KeyForm
      title={t('budget_of', { name: of.name })}
      act={t('save')}
      isReady={budget !== of.monthly_budget_usd && !Number.isNaN(budget)}
      onAct={() => bodyOf(api.PATCH('/tenants/{name}', { params: { path: { name: of.name } }, body }))}
      onClose={onClose}
      onDone={onClose}
    >
      <Field
        label={t('budget')}
        hint={t('budget_hint')}
        type="number"
        step="0.01"
        value={typed}
        onType={setTyped}
      />
    </KeyForm>
  )
}
