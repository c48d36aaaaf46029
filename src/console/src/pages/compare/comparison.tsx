import { Link, getRouteApi } from '@tanstack/react-router'
import { useCan } from '../../session/use-can.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Forbidden, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Blind } from './blind/blind.tsx'
import { Facts } from './one/facts.tsx'
import { HeadActions } from './one/head-actions.tsx'
import { Results } from './one/results.tsx'
import { Sheet } from './one/sheet.tsx'
import { Videos } from './one/videos.tsx'
import { useComparison } from './queries.ts'
import type { Comparison as OneComparison } from './queries.ts'
import { compareWords } from './words/words.ts'
import './compare.css'

const route = getRouteApi('/compare/$id')

/** One comparison: its table and players; or, with `?score`, its videos without names. */
export function Comparison() {
  const t = useWords(compareWords)
  const { id } = route.useParams()
  const canRead = useCan('generate', 'read')
  const query = useComparison(id)
  return (
    <>
      <p className="compare-back">
        <Link to="/compare">← {t('back')}</Link>
      </p>
      {!canRead && (
        <>
          <PageHead title={t('title')} />
          <Forbidden scope="read" />
        </>
      )}
      {canRead && query.data === undefined && <PageHead title={t('title')} />}
      {canRead && <Loaded query={query}>{(comparison) => <One comparison={comparison} />}</Loaded>}
    </>
  )
}

function One({ comparison }: { comparison: OneComparison }) {
  const t = useWords(compareWords)
  const { score } = route.useSearch()
  const canScore = useCan('generate')
  const hasVideos = comparison.delivered > 0
  if (score === true && canScore && hasVideos) return <Blind comparison={comparison} />
  return (
    <>
      <PageHead title={comparison.name ?? t('of_character', { character: comparison.character.name })}>
        <HeadActions comparison={comparison} />
      </PageHead>
      {comparison.warnings.map(({ code, detail }) => (
        <p key={code} className="notice tone-warn compare-note">
          {detail}
        </p>
      ))}
      <Facts comparison={comparison} />
      {!canScore && <p className="notice compare-note">{t('needs_generate')}</p>}
      <Results comparison={comparison} />
      <Videos comparison={comparison} />
      <Sheet comparison={comparison} />
    </>
  )
}
