import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { Loaded } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

const mostShown = 20

/** The newest series that are not shown above; read when somebody looks. */
export function EarlierSeries({ shown, onShow }: { shown: readonly string[]; onShow: (id: string) => void }) {
  const t = useWords(studioWords)
  const { age } = useFormat()
  const [isOpen, setOpen] = useState(false)
  const query = useQuery({
    queryKey: ['series-list', mostShown],
    enabled: isOpen,
    queryFn: ({ signal }) => bodyOf(api.GET('/series', { params: { query: { limit: mostShown } }, signal })),
  })
  return (
    <details className="left-out" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('earlier_series')}</summary>
      {isOpen && (
        <Loaded query={query} bones={3}>
          {({ data }) => {
            const others = data.filter(({ id }) => !shown.includes(id))
            if (others.length === 0) return <p className="mute">{t('no_earlier_series')}</p>
            return (
              <ul>
                {others.map(({ id, name, counts, created_at: at }) => {
                  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
                  return (
                    <li key={id} className="row">
                      <Button className="small" onClick={() => onShow(id)}>
                        {t('show_series', { name: name ?? id })}
                      </Button>
                      <span className="small mute">
                        {t('series_counts', { done: counts['completed'], total })} · {age(at)}
                      </span>
                    </li>
                  )
                })}
              </ul>
            )
          }}
        </Loaded>
      )}
    </details>
  )
}
