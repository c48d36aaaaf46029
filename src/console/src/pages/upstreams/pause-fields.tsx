import { useId } from 'react'
import { oneOf } from '../../api/search.ts'
import { useWords } from '../../words/language.tsx'
import { pauseEnds } from '../../rules/pause-ends.ts'
import type { PauseEnd } from '../../rules/pause-ends.ts'
import { upstreamWords } from './words.ts'

export interface PauseForm {
  reason: string
  end: PauseEnd
  what: 'new' | 'all'
}

interface Props {
  form: PauseForm
  isMissing: boolean
  onChange: (form: PauseForm) => void
  /** Whether what runs may be cancelled as well. */
  offersAll?: boolean
}

const whats = ['new', 'all'] as const

/** Reason, end, and how much is stopped. */
export function PauseFields({ form, isMissing, onChange, offersAll = false }: Props) {
  const t = useWords(upstreamWords)
  const id = useId()
  return (
    <>
      <label className="field" htmlFor={`${id}-reason`}>
        <span className="field-label">{t('reason')}</span>
        <input
          id={`${id}-reason`}
          value={form.reason}
          maxLength={500}
          required
          aria-invalid={isMissing}
          aria-describedby={`${id}-hint`}
          onChange={(event) => onChange({ ...form, reason: event.target.value })}
        />
      </label>
      <p
        id={`${id}-hint`}
        className={isMissing ? 'small fault' : 'small mute'}
        role={isMissing ? 'alert' : undefined}
      >
        {isMissing ? t('reason_missing') : t('reason_hint')}
      </p>
      <label className="field" htmlFor={`${id}-until`}>
        <span className="field-label">{t('until')}</span>
        <select
          id={`${id}-until`}
          value={form.end}
          onChange={(event) => onChange({ ...form, end: oneOf(pauseEnds, event.target.value) ?? 'resumed' })}
        >
          {pauseEnds.map((end) => (
            <option key={end} value={end}>
              {t(`until_${end}`)}
            </option>
          ))}
        </select>
      </label>
      {offersAll && (
        <fieldset className="choices">
          <legend>{t('pause_what')}</legend>
          {whats.map((what) => (
            <label key={what} className="choice">
              <input
                type="radio"
                name={`${id}-what`}
                checked={form.what === what}
                onChange={() => onChange({ ...form, what })}
              />
              {t(`pause_${what}`)}
            </label>
          ))}
        </fieldset>
      )}
    </>
  )
}
