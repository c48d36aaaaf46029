import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { useLive } from '../../live/live-state.ts'
import { useWords } from '../../words/language.tsx'
import { countsQuery } from './queries.ts'
import { tabs } from './search.ts'
import type { GenerationsSearch, Tab } from './search.ts'
import { listWords } from './words.ts'

/** The states, each with how many there are. Exactly one is current. */
export function Tabs({ search }: { search: GenerationsSearch }) {
  const t = useWords(listWords)
  const { number } = useFormat()
  const { data } = useQuery(countsQuery(search, useLive()))
  const current = search.tab ?? 'all'
  const countOf = (tab: Tab): number | undefined => {
    if (tab === 'all') return data?.total
    return tab === 'attention' ? data?.attention : data?.by_status[tab]
  }
  // Waiting for a slot is rare enough not to have a tab while nothing does.
  const shown = tabs.filter((tab) => tab !== 'queued' || tab === current || (countOf(tab) ?? 0) > 0)
  return (
    <nav className="tabs" aria-label={t('tabs')}>
      {shown.map((tab) => {
        const count = countOf(tab)
        const isPressing = tab === 'attention' && (count ?? 0) > 0
        return (
          <Link
            key={tab}
            to="/generations"
            search={{ ...search, tab: tab === 'all' ? undefined : tab }}
            className={isPressing ? 'tab tab-pressing' : 'tab'}
            // By its own word: a link with fewer parameters would count as current beside every other.
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
            aria-current={tab === current ? 'page' : undefined}
          >
            {t(`tab_${tab}`)}
            {count !== undefined && <span className="tab-count">{number(count)}</span>}
          </Link>
        )
      })}
    </nav>
  )
}
