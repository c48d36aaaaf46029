import type { Draft } from '../../../rules/studio-draft.ts'
import type { Offers } from '../../../rules/offers.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { Choices } from './choices.tsx'
import type { ChangeDraft } from './draft-state.ts'

/** More lengths than this are chosen from a list. */
const mostChips = 7
/** What the gateway takes where nothing is said. */
const usualLength = '10'

/** Length, shape and priority: what is chosen for every scene. */
export function MainFields({
  draft,
  change,
  offers,
  priority,
}: {
  draft: Draft
  change: ChangeDraft
  offers: Offers
  /** The one that holds where none is chosen. */
  priority: 'cost' | 'stability'
}) {
  const t = useWords(studioWords)
  const length = draft.duration === '' ? usualLength : draft.duration
  const lengths = [...new Set([...offers.lengths.map(String), length])].toSorted(
    (a, b) => Number(a) - Number(b),
  )
  const named = lengths.map((each) => [each, t('length_seconds', { n: each })] as const)
  const choose = (duration: string) => change({ duration })
  return (
    <div className="main-fields">
      {named.length <= mostChips ? (
        <Choices legend={t('length')} value={length} options={named} onChoose={choose} />
      ) : (
        <label className="field length-list">
          <span className="field-label">{t('length')}</span>
          <select value={length} onChange={({ target }) => choose(target.value)}>
            {named.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <Choices
        legend={t('shape')}
        value={draft.size}
        options={[
          ['landscape', t('landscape')],
          ['portrait', t('portrait')],
        ]}
        onChoose={(size) => change({ size })}
      />
      <Choices
        legend={t('priority')}
        value={draft.priority === '' ? priority : draft.priority}
        options={[
          ['cost', t('priority_cost')],
          ['stability', t('priority_stability')],
        ]}
        onChoose={(chosen) => change({ priority: chosen })}
      />
    </div>
  )
}
