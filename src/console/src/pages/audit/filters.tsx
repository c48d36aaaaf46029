import { useEffect, useState } from 'react'
import { auditActions } from '../../rules/audit-filter.ts'
import { useWords } from '../../words/language.tsx'
import type { AuditFilter } from '../../rules/audit-filter.ts'
import { auditWords } from './words.ts'

interface Props {
  search: AuditFilter
  change: (next: Partial<AuditFilter>) => void
}

/** All of them are in the address. */
export function Filters({ search, change }: Props) {
  const t = useWords(auditWords)
  return (
    <search aria-label={t('filters')}>
      <form className="audit-filters" onSubmit={(event) => event.preventDefault()}>
        <label className="field">
          <span className="field-label">{t('action')}</span>
          <select
            value={search.action ?? ''}
            onChange={({ target }) =>
              change({ action: auditActions.find((action) => action === target.value) })
            }
          >
            <option value="">{t('any_action')}</option>
            {auditActions.map((action) => (
              <option key={action}>{action}</option>
            ))}
          </select>
        </label>
        <TextFilter label={t('key')} value={search.key} onChange={(key) => change({ key })} />
        <TextFilter label={t('tenant')} value={search.tenant} onChange={(tenant) => change({ tenant })} />
        <TextFilter label={t('subject')} value={search.subject} onChange={(subject) => change({ subject })} />
        <DayFilter label={t('first_day')} value={search.from} onChange={(from) => change({ from })} />
        <DayFilter label={t('last_day')} value={search.to} onChange={(to) => change({ to })} />
      </form>
    </search>
  )
}

interface FilterProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}

const pauseMs = 350

/** What is typed holds once nothing has been typed for a moment, or by Enter. */
function TextFilter({ label, value, onChange }: FilterProps) {
  const [typed, setTyped] = useState(value ?? '')
  const [known, setKnown] = useState(value)
  if (known !== value) {
    setKnown(value)
    setTyped(value ?? '')
  }
  useEffect(() => {
    const next = typed.trim() === '' ? undefined : typed.trim()
    if (next === value) return undefined
    const timer = setTimeout(() => onChange(next), pauseMs)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <input
        value={typed}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setTyped(target.value)}
      />
    </label>
  )
}

function DayFilter({ label, value, onChange }: FilterProps) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <input
        type="date"
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
      />
    </label>
  )
}
