import { Link } from '@tanstack/react-router'
import { useLanguage, useWords } from '../../words/language.tsx'
import { useFilter } from './filters.tsx'
import { filterNames, isFiltered, spanNames } from './search.ts'
import type { FilterName, GenerationsSearch } from './search.ts'
import { listWords } from './words.ts'

/** What is filtered by, each with a cross that removes it. */
export function Chips({ search }: { search: GenerationsSearch }) {
  const t = useWords(listWords)
  const { language } = useLanguage()
  const set = useFilter(search)
  if (!isFiltered(search)) return null
  const shown = (name: FilterName, value: string): string => {
    const span = spanNames.find((each) => name === 'since' && each === value)
    if (span !== undefined) return t(`since_${span}`)
    if (name !== 'from' && name !== 'to') return value
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(`${value}T00:00:00`))
  }
  return (
    <ul className="chips" aria-label={t('chips')}>
      {filterNames.map((name) => {
        const value = search[name]
        if (value === undefined) return null
        const word = t(`filter_${name}`)
        const text = shown(name, value)
        return (
          <li key={name} className="chip">
            <span>
              <span className="mute">{word}</span> <bdi>{text}</bdi>
            </span>
            <button
              type="button"
              className="chip-remove"
              aria-label={t('remove_filter', { name: word, value: text })}
              onClick={() => set({ [name]: undefined })}
            >
              <span aria-hidden="true">×</span>
            </button>
          </li>
        )
      })}
      <li>
        <Link className="small" to="/generations" search={{ tab: search.tab }}>
          {t('clear_filters')}
        </Link>
      </li>
    </ul>
  )
}
