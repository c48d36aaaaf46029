import { useId } from 'react'
import { keyKinds, keyScopes, toggled } from '../../rules/key-draft.ts'
import type { KeyDraft } from '../../rules/key-draft.ts'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { keyWords } from './words.ts'

export type ChangeKey = (next: Partial<KeyDraft>) => void

interface Props {
  draft: KeyDraft
  change: ChangeKey
}

/** What a key may do, and how much. */
export function KeyFields({ draft, change }: Props) {
  const t = useWords(keyWords)
  const core = useWords(coreWords)
  return (
    <>
      <fieldset className="stack scope-boxes">
        <legend className="field-label">{t('scopes')}</legend>
        {keyScopes.map((scope) => (
          <label key={scope} className="scope-box">
            <input
              type="checkbox"
              checked={draft.scopes.includes(scope)}
              onChange={() => change({ scopes: toggled(keyScopes, draft.scopes, scope) })}
            />
            <span>
              <code>{scope}</code>
              <span className="small mute">{t(`scope_${scope}`)}</span>
            </span>
          </label>
        ))}
        {draft.scopes.length === 0 && <p className="fault small">{t('need_scope')}</p>}
      </fieldset>
      <fieldset className="choices">
        <legend>{t('kinds')}</legend>
        {keyKinds.map((kind) => (
          <label key={kind} className="choice">
            <input
              type="checkbox"
              checked={draft.allow.includes(kind)}
              onChange={() => change({ allow: toggled(keyKinds, draft.allow, kind) })}
            />
            {core(`kind_${kind}`)}
          </label>
        ))}
        {draft.allow.length === 0 && <p className="fault small">{t('need_scope')}</p>}
      </fieldset>
      <LimitFields draft={draft} change={change} />
    </>
  )
}

function LimitFields({ draft, change }: Props) {
  const t = useWords(keyWords)
  return (
    <div className="stack">
      <div className="limit-fields">
        <Field
          label={t('budget')}
          type="number"
          value={draft.budget}
          step="0.01"
          onType={(budget) => change({ budget })}
        />
        <Field
          label={t('requests')}
          type="number"
          value={draft.perMinute}
          step="1"
          onType={(perMinute) => change({ perMinute })}
        />
        <Field
          label={t('at_once')}
          type="number"
          value={draft.inFlight}
          step="1"
          onType={(inFlight) => change({ inFlight })}
        />
        <Field
          label={t('expires')}
          type="date"
          value={draft.expires}
          onType={(expires) => change({ expires })}
        />
      </div>
      <p className="small mute">{t('empty_is_none')}</p>
    </div>
  )
}

interface FieldProps {
  label: string
  value: string
  onType: (value: string) => void
  hint?: string
  type?: 'text' | 'number' | 'date'
  step?: string
  required?: boolean
  pattern?: string
}

/** One line to type in, with its name above and a hint below. */
export function Field({ label, value, onType, hint, type = 'text', step, ...rest }: FieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input
        {...rest}
        id={id}
        type={type}
        value={value}
        step={step}
        min={type === 'number' ? 0 : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ target }) => onType(target.value)}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className="small mute">
          {hint}
        </span>
      )}
    </div>
  )
}
