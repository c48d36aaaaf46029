import { useQuery } from '@tanstack/react-query'
import { useWords } from '../../words/language.tsx'
import { offeredQuery } from './queries.ts'
import { moneyWords } from './words.ts'
import type { Typed } from './workload.ts'

interface Props {
  typed: Typed
  change: (next: Partial<Typed>) => void
}

/** So many videos of one sort. */
export function WorkloadFields({ typed, change }: Props) {
  const t = useWords(moneyWords)
  const models = useQuery(offeredQuery)
  return (
    <div className="workload">
      <NumberField label={t('count')} value={typed.count} min={1} onType={(count) => change({ count })} />
      <label className="field">
        <span className="field-label">{t('model')}</span>
        <select value={typed.model} onChange={({ target }) => change({ model: target.value })}>
          <option value="">{t('default_model')}</option>
          {(models.data?.data ?? []).map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <NumberField
        label={t('length')}
        value={typed.duration}
        min={1}
        onType={(duration) => change({ duration })}
      />
      <label className="field">
        <span className="field-label">{t('shape')}</span>
        <select
          value={typed.size}
          onChange={({ target }) => change({ size: target.value === 'portrait' ? 'portrait' : 'landscape' })}
        >
          <option value="landscape">{t('landscape')}</option>
          <option value="portrait">{t('portrait')}</option>
        </select>
      </label>
      <NumberField
        label={t('characters_each')}
        value={typed.characters}
        min={0}
        onType={(characters) => change({ characters })}
      />
    </div>
  )
}

interface NumberProps {
  label: string
  value: string
  min: number
  onType: (value: string) => void
}

function NumberField({ label, value, min, onType }: NumberProps) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <input
        type="number"
        inputMode="numeric"
        min={min}
        required
        value={value}
        onChange={({ target }) => onType(target.value)}
      />
    </label>
  )
}
