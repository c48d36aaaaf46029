import { useFormat } from '../../format/use-format.ts'
import { keyKinds } from '../../rules/key-draft.ts'
import { Button } from '../../ui/button.tsx'
import { BudgetMeter } from '../../ui/budget/budget-meter.tsx'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { Pill } from '../../ui/pill.tsx'
import { useWords } from '../../words/language.tsx'
import type { Key } from './queries.ts'
import { keyWords } from './words.ts'

export type KeyAction = 'change' | 'rotate' | 'revoke'
const actions: readonly KeyAction[] = ['change', 'rotate', 'revoke']

/** One key. On a phone it is a card: the roles keep it a row for screen readers. */
export function KeyRow({ of, onAct }: { of: Key; onAct: (action: KeyAction) => void }) {
  const t = useWords(keyWords)
  const { age } = useFormat()
  return (
    <tr role="row">
      <td role="cell">
        <NameCell of={of} />
      </td>
      <td role="cell">{of.tenant}</td>
      <td role="cell">
        <span className="scopes">
          {of.scopes.map((scope) => (
            <code key={scope}>{scope}</code>
          ))}
        </span>
      </td>
      <td role="cell">
        <span className="row kinds">
          {keyKinds.map((kind) => of.allow.includes(kind) && <KindLetter key={kind} kind={kind} />)}
        </span>
      </td>
      <td role="cell">
        <BudgetCell of={of} />
      </td>
      <td role="cell" className="small" data-label={t('column_limits')}>
        <Limits of={of} />
      </td>
      <td role="cell" className="small" data-label={t('column_used')}>
        {of.last_used_at === null ? <span className="mute">{t('never_used')}</span> : age(of.last_used_at)}
      </td>
      <td role="cell" className="small" data-label={t('column_expires')}>
        <Expiry of={of} />
      </td>
      <td role="cell">
        <Actions of={of} onAct={onAct} />
      </td>
    </tr>
  )
}

function NameCell({ of }: { of: Key }) {
  const t = useWords(keyWords)
  const { instant } = useFormat()
  const [newest, ...former] = of.secrets
  const last = former.flatMap(({ valid_until: until }) => until ?? []).at(0)
  return (
    <span className="key-name">
      <strong>{of.name}</strong>
      {newest !== undefined && <span className="small mute">{t('ends_in', { hint: newest.hint })}</span>}
      {last !== undefined && <span className="small">{t('old_secret_until', { time: instant(last) })}</span>}
      {of.state !== 'active' && (
        <Pill glyph={of.state === 'revoked' ? 'cross' : 'dash'} tone="off" text={t(`state_${of.state}`)} />
      )}
    </span>
  )
}

function BudgetCell({ of }: { of: Key }) {
  const t = useWords(keyWords)
  const { usd } = useFormat()
  if (of.monthly_budget_usd === null)
    return <span className="small mute">{t('no_budget', { amount: usd(of.spent_this_month_usd) })}</span>
  const budget = {
    limitUsd: of.monthly_budget_usd,
    paidUsd: of.spent_this_month_usd,
    reservedUsd: of.reserved_this_month_usd,
  }
  return <BudgetMeter name={of.name} budget={budget} />
}

function Limits({ of }: { of: Key }) {
  const t = useWords(keyWords)
  const { requests_per_minute: perMinute, max_in_flight: most, in_flight: now } = of
  return (
    <span className="lines">
      {perMinute !== null && <span>{t('per_minute', { n: perMinute })}</span>}
      {most !== null && <span>{t('in_flight', { n: now, most })}</span>}
      {most === null && now > 0 && <span>{t('in_flight_now', { n: now })}</span>}
      {perMinute === null && most === null && <span className="mute">{t('no_limit')}</span>}
    </span>
  )
}

function Expiry({ of }: { of: Key }) {
  const t = useWords(keyWords)
  const { age, instant } = useFormat()
  const at = of.revoked_at ?? of.expires_at
  if (at === null) return <span className="mute">{t('never_expires')}</span>
  return (
    <time dateTime={at} title={instant(at)}>
      {age(at)}
    </time>
  )
}

function Actions({ of, onAct }: { of: Key; onAct: (action: KeyAction) => void }) {
  const t = useWords(keyWords)
  if (of.source !== 'api') return <span className="small mute">{t('from_file')}</span>
  if (of.state !== 'active') return null
  return (
    <span className="key-actions">
      {actions.map((action) => (
        <Button
          key={action}
          kind={action === 'revoke' ? 'danger' : 'plain'}
          className="small"
          aria-label={t(`${action}_title`, { name: of.name })}
          onClick={() => onAct(action)}
        >
          {t(action)}
        </Button>
      ))}
    </span>
  )
}
