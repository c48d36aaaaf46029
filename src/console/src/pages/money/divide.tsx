import { useState } from 'react'
import { useFormat } from '../../format/use-format.ts'
import { mixedCost } from '../../rules/mixed-cost.ts'
import { useWords } from '../../words/language.tsx'
import type { PolicyEstimate } from './policies.tsx'
import type { Estimate } from './queries.ts'
import { moneyWords } from './words.ts'

type Policy = PolicyEstimate['policy']

/** A share of the work under one policy, the rest under another. */
export function Divide({ estimate }: { estimate: Estimate }) {
  const t = useWords(moneyWords)
  const { usd, percent } = useFormat()
  const [first, setFirst] = useState<Policy>('cost')
  const [second, setSecond] = useState<Policy>('official_only')
  const [share, setShare] = useState(0.7)
  const costOf = (policy: Policy) => estimate.data.find((each) => each.policy === policy)?.month_usd ?? null
  const cost = mixedCost([
    { share, usd: costOf(first) },
    { share: 1 - share, usd: costOf(second) },
  ])
  const words = {
    share: percent(share),
    first: t(`policy_${first}`),
    rest: percent(1 - share),
    second: t(`policy_${second}`),
  }
  return (
    <fieldset className="divide">
      <legend>{t('divided')}</legend>
      <PolicyField label={t('policy')} value={first} onChoose={setFirst} estimate={estimate} />
      <label className="field divide-share">
        <span className="field-label">{t('share_of')}</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={share}
          aria-valuetext={percent(share)}
          onChange={({ target }) => setShare(Number(target.value))}
        />
      </label>
      <PolicyField label={t('rest_by')} value={second} onChoose={setSecond} estimate={estimate} />
      <output className="divide-cost">
        <span className="head-amount">{cost === null ? '–' : usd(cost)}</span>
        <span className="small mute">{cost === null ? t('mixed_nobody') : t('mixed', words)}</span>
      </output>
    </fieldset>
  )
}

interface FieldProps {
  label: string
  value: Policy
  onChoose: (policy: Policy) => void
  estimate: Estimate
}

function PolicyField({ label, value, onChoose, estimate }: FieldProps) {
  const t = useWords(moneyWords)
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select
        value={value}
        onChange={({ target }) => {
          const chosen = estimate.data.find(({ policy }) => policy === target.value)
          if (chosen !== undefined) onChoose(chosen.policy)
        }}
      >
        {estimate.data.map(({ policy }) => (
          <option key={policy} value={policy}>
            {t(`policy_${policy}`)}
          </option>
        ))}
      </select>
    </label>
  )
}
