import { useId } from 'react'
import { mostRuns } from '../../../rules/compare-draft.ts'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import { CharacterField } from './character-field.tsx'
import { CostPanel } from './cost-panel.tsx'
import type { FieldProps } from './field-props.ts'
import { ScenesField } from './scenes-field.tsx'
import { UpstreamsField } from './upstreams-field.tsx'
import { useModels } from './use-models.ts'
import { useCost, useMake, useMakeDraft } from './use-make.ts'

/** The form on the left; the worst case and the button on the right. Enter in a field does not send: it costs money. */
export function MakeForm() {
  const { draft, change } = useMakeDraft()
  const cost = useCost(draft)
  const make = useMake()
  return (
    <form className="make" onSubmit={(event) => event.preventDefault()}>
      <div className="make-fields">
        <CharacterField draft={draft} change={change} />
        <ScenesField draft={draft} change={change} />
        <UpstreamsField draft={draft} change={change} />
        <Numbers draft={draft} change={change} />
        <NameField draft={draft} change={change} />
      </div>
      <CostPanel cost={cost} make={make} />
    </form>
  )
}

function Numbers({ draft, change }: FieldProps) {
  const t = useWords(compareWords)
  const id = useId()
  const { offers } = useModels()
  const lengths = offers.lengths.length === 0 ? [draft.duration] : offers.lengths
  return (
    <div className="make-numbers">
      <div className="field">
        <label className="field-label" htmlFor={`${id}length`}>
          {t('length')}
        </label>
        <select
          id={`${id}length`}
          value={draft.duration}
          onChange={(event) => change({ duration: Number(event.target.value) })}
        >
          {[...new Set([...lengths, draft.duration])]
            .toSorted((a, b) => a - b)
            .map((length) => (
              <option key={length} value={length}>
                {t('length_seconds', { n: length })}
              </option>
            ))}
        </select>
      </div>
      <div className="field">
        <label className="field-label" htmlFor={`${id}shape`}>
          {t('shape')}
        </label>
        <select
          id={`${id}shape`}
          value={draft.size}
          onChange={(event) => change({ size: event.target.value === 'portrait' ? 'portrait' : 'landscape' })}
        >
          <option value="landscape">{t('landscape')}</option>
          <option value="portrait">{t('portrait')}</option>
        </select>
      </div>
      <div className="field">
        <label className="field-label" htmlFor={`${id}runs`}>
          {t('runs')}
        </label>
        <select
          id={`${id}runs`}
          value={draft.runs}
          aria-describedby={`${id}hint`}
          onChange={(event) => change({ runs: Number(event.target.value) })}
        >
          {Array.from({ length: mostRuns }, (_, index) => (
            <option key={index} value={index + 1}>
              {index + 1}
            </option>
          ))}
        </select>
        <span id={`${id}hint`} className="small mute">
          {t('runs_hint')}
        </span>
      </div>
    </div>
  )
}

function NameField({ draft, change }: FieldProps) {
  const t = useWords(compareWords)
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('name')}
      </label>
      <input
        id={id}
        value={draft.name}
        maxLength={100}
        autoComplete="off"
        aria-describedby={`${id}hint`}
        onChange={(event) => change({ name: event.target.value })}
      />
      <span id={`${id}hint`} className="small mute">
        {t('name_hint')}
      </span>
    </div>
  )
}
