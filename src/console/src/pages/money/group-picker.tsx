import { dimensions, mostGroups, withGroup } from '../../rules/usage-rows.ts'
import type { Dimension } from '../../rules/usage-rows.ts'
import { useWords } from '../../words/language.tsx'
import type { MoneyView } from './use-money.ts'
import { moneyWords } from './words.ts'

/** Up to three groups, one after another. */
export function GroupPicker({ view: { groups, change } }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const places = groups.length < mostGroups ? [...groups, null] : groups
  return (
    <div className="group-picker">
      {places.map((chosen, place) => (
        <label key={place} className="group-place">
          <span className="field-label">{place === 0 ? t('group_by') : t('then_by')}</span>
          <select
            value={chosen ?? ''}
            onChange={({ target }) => {
              const dimension = dimensions.find((each) => each === target.value) ?? null
              change({ by: withGroup(groups, place, dimension).join(',') || undefined })
            }}
          >
            {(place > 0 || groups.length > 1) && <option value="">{t('nothing_more')}</option>}
            {offered(groups, chosen).map((dimension) => (
              <option key={dimension} value={dimension}>
                {t(`by_${dimension}`)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  )
}

function offered(groups: readonly Dimension[], chosen: Dimension | null): Dimension[] {
  return dimensions.filter((each) => each === chosen || !groups.includes(each))
}
