import { useQuery } from '@tanstack/react-query'
import { exclusionsOf } from '../../rules/day-series.ts'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { routesQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

/** What left it out of the newest routes. */
export function Excluded({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const query = useQuery(routesQuery)
  return (
    <section className="panel stack" aria-labelledby="excluded-title">
      <h2 id="excluded-title">{t('excluded_title')}</h2>
      <Loaded query={query} bones={2}>
        {(data) => {
          const counted = exclusionsOf(data, id)
          const n = data.length
          if (counted.length === 0) return <p className="mute">{t('never_excluded', { n })}</p>
          return (
            <>
              <p className="small mute">{t('excluded_detail', { n })}</p>
              <dl className="counted">
                {counted.map((each) => (
                  <Times key={each.code} {...each} />
                ))}
              </dl>
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

function Times({ code, n }: { code: string; n: number }) {
  const t = useWords(upstreamWords)
  return (
    <>
      <dt>
        <code>{code}</code>
      </dt>
      <dd>{t('times', { n })}</dd>
    </>
  )
}
