import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Forbidden, Loaded } from '../../ui/panel.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import type { Schemas } from '../../api/client.ts'
import { ThreeSums } from './one/three-sums.tsx'
import { useComparisons } from './queries.ts'
import { compareWords } from './words/words.ts'
import './compare.css'

/** Every comparison of the tenant, newest first. */
export function Comparisons() {
  const t = useWords(compareWords)
  const canMake = useCan('generate')
  const canRead = useCan('generate', 'read')
  return (
    <>
      <PageHead title={t('title')}>
        {canMake && (
          <Link className="button button-primary" to="/compare/new">
            {t('new')}
          </Link>
        )}
      </PageHead>
      {canRead ? <List /> : <Forbidden scope="read" />}
      {canRead && !canMake && <p className="notice compare-note">{t('needs_generate')}</p>}
    </>
  )
}

function List() {
  const t = useWords(compareWords)
  const c = useWords(coreWords)
  const query = useComparisons()
  return (
    <Loaded query={query} bones={6}>
      {({ pages }) => {
        const all = pages.flatMap(({ data }) => data)
        if (all.length === 0)
          return (
            <Empty title={t('empty_title')}>
              <p>{t('empty_detail')}</p>
            </Empty>
          )
        return (
          <>
            <ul className="comparisons panel panel-flush" aria-label={t('list_name')}>
              {all.map((comparison) => (
                <Entry key={comparison.id} comparison={comparison} />
              ))}
            </ul>
            {query.hasNextPage && (
              <p className="compare-more">
                <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {c('show_more')}
                </Button>
              </p>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function Entry({ comparison }: { comparison: Schemas['ComparisonSummary'] }) {
  const t = useWords(compareWords)
  const { age, instant } = useFormat()
  const { id, name, character, upstreams, videos, delivered, failed, status, progress, money } = comparison
  return (
    <li className="comparison-entry">
      <div className="comparison-what">
        <Link to="/compare/$id" params={{ id }} className="comparison-link">
          {name ?? t('of_character', { character: character.name })}
        </Link>
        <span className="small mute">
          {name !== null && <>{t('of_character', { character: character.name })} · </>}
          {upstreams.join(', ')}
        </span>
      </div>
      <div className="comparison-progress small">
        {status === 'in_progress' && <ProgressBar percent={progress} label={t('progress')} />}
        <span>{t('counts', { delivered, videos })}</span>
        {failed > 0 && <span className="tone-bad">{t('counts_failed', { n: failed })}</span>}
        {status === 'in_progress' && (
          <span className="tone-run">{t('running', { n: videos - delivered - failed })}</span>
        )}
      </div>
      <ThreeSums money={money} />
      <time
        className="small mute comparison-age"
        dateTime={comparison.created_at}
        title={instant(comparison.created_at)}
      >
        {age(comparison.created_at)}
      </time>
    </li>
  )
}
