import { useQuery } from '@tanstack/react-query'
import { useCan } from '../../session/use-can.ts'
import { monthsUntil } from '../../rules/usage-span.ts'
import { Button } from '../../ui/button.tsx'
import { useWords } from '../../words/language.tsx'
import { tenantsQuery } from './queries.ts'
import { useDates } from './use-dates.ts'
import type { MoneyView } from './use-money.ts'
import { moneyWords } from './words.ts'

/** The time, and for those who see several tenants whose work. */
export function SpanBar({ view }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const seesTenants = useCan('admin', 'observe', 'operate')
  return (
    <form className="span-bar" onSubmit={(event) => event.preventDefault()}>
      <MonthField view={view} />
      <DayField view={view} end="from" />
      <DayField view={view} end="to" />
      {seesTenants && <TenantField view={view} />}
      <p className="mute small span-note">{t('days_are_utc')}</p>
    </form>
  )
}

function MonthField({ view: { now, span, change } }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const { month: monthName } = useDates()
  const known = monthsUntil(now)
  const months = span.month === null || known.includes(span.month) ? known : [...known, span.month]
  const at = span.month === null ? -1 : months.indexOf(span.month)
  const show = (month: string | undefined): void => {
    if (month !== undefined) change({ month, from: undefined, to: undefined })
  }
  return (
    <div className="month-field">
      {at >= 0 && at < months.length - 1 && (
        <Button aria-label={t('earlier')} onClick={() => show(months[at + 1])}>
          <span aria-hidden="true">‹</span>
        </Button>
      )}
      <label className="field">
        <span className="field-label">{t('month')}</span>
        <select value={span.month ?? ''} onChange={({ target }) => show(target.value || undefined)}>
          {span.month === null && <option value="">{t('range')}</option>}
          {months.map((month) => (
            <option key={month} value={month}>
              {monthName(month)}
            </option>
          ))}
        </select>
      </label>
      {at > 0 && (
        <Button aria-label={t('later')} onClick={() => show(months[at - 1])}>
          <span aria-hidden="true">›</span>
        </Button>
      )}
    </div>
  )
}

function DayField({ view: { span, change }, end }: { view: MoneyView; end: 'from' | 'to' }) {
  const t = useWords(moneyWords)
  const [first = '', last = ''] = [span.days[0], span.days.at(-1)]
  return (
    <label className="field">
      <span className="field-label">{t(end === 'from' ? 'first_day' : 'last_day')}</span>
      <input
        type="date"
        value={end === 'from' ? first : last}
        min={end === 'to' ? first : '1970-01-01'}
        onChange={({ target }) => {
          if (target.value === '') return
          const range = { from: first, to: last, [end]: target.value }
          // A beginning after the end moves the end with it.
          change({ month: undefined, from: range.from, to: range.from > range.to ? range.from : range.to })
        }}
      />
    </label>
  )
}

function TenantField({ view: { search, change } }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const { data } = useQuery(tenantsQuery)
  const known = (data?.data ?? []).map(({ name }) => name)
  const chosen = search.tenant === undefined || known.includes(search.tenant) ? [] : [search.tenant]
  return (
    <label className="field">
      <span className="field-label">{t('tenant')}</span>
      <select
        value={search.tenant ?? ''}
        onChange={({ target }) => change({ tenant: target.value === '' ? undefined : target.value })}
      >
        <option value="">{t('all_tenants')}</option>
        {[...chosen, ...known].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
