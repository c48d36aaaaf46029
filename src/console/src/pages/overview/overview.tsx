import { useQuery } from '@tanstack/react-query'
import { useCan } from '../../session/use-can.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/language.tsx'
import { FirstRun } from './first-run.tsx'
import { LastDay } from './last-day.tsx'
import { NeedsYou } from './needs-you.tsx'
import { Newest } from './newest.tsx'
import { Notices } from './notices.tsx'
import { countsQuery } from './queries.ts'
import { overviewWords } from './words.ts'
import '../upstreams/upstreams.css'
import '../../ui/generation-rows/rows.css'
import './overview.css'

/** One screen that says what needs somebody, how the day was, and what came last. */
export function Overview() {
  const t = useWords(overviewWords)
  const seesWork = useCan('generate', 'read', 'observe', 'operate')
  const mayGenerate = useCan('generate')
  const counts = useQuery({ ...countsQuery, enabled: seesWork })
  const isFirstRun = mayGenerate && counts.data?.total === 0
  return (
    <>
      <PageHead title={t('title')} />
      <div className="desk">
        <Notices />
        {isFirstRun && <FirstRun />}
        <NeedsYou />
        {!isFirstRun && <LastDay />}
        {seesWork && !isFirstRun && <Newest />}
        {!seesWork && <p className="notice">{t('takes_view')}</p>}
      </div>
    </>
  )
}
