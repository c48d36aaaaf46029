import { Link, useParams } from '@tanstack/react-router'
import { ApiProblem } from '../../api/problem.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Actions } from './actions/actions.tsx'
import { Attempts } from './attempts/attempts.tsx'
import { Deliveries } from './parts/deliveries.tsx'
import { Events } from './parts/events.tsx'
import { Head } from './parts/head.tsx'
import { Media } from './parts/media.tsx'
import { MoneyFacts } from './parts/money-facts.tsx'
import { Plan } from './parts/plan.tsx'
import { useEvents, useGeneration } from './queries.ts'
import type { Generation as Shown } from './queries.ts'
import { Trail } from './trail.tsx'
import { generationWords } from './words.ts'
import './generation.css'

/** One generation: what was asked for, what became of it, what it cost, and every attempt. */
export function Generation() {
  const { id } = useParams({ from: '/generations/$id' })
  const query = useGeneration(id)
  const isAbsent = query.error instanceof ApiProblem && [400, 404].includes(query.error.status)
  if (isAbsent) return <Absent />
  return (
    <>
      <Trail id={id} />
      {query.data === undefined && <PageHead title={id} />}
      <Loaded query={query} bones={12}>
        {(generation) => <Screen key={id} generation={generation} />}
      </Loaded>
    </>
  )
}

function Absent() {
  const t = useWords(generationWords)
  return (
    <>
      <PageHead title={t('not_found')} />
      <Empty title={t('not_found_detail')}>
        <Link to="/generations" className="button">
          {t('all_generations')}
        </Link>
      </Empty>
    </>
  )
}

function Screen({ generation }: { generation: Shown }) {
  const t = useWords(generationWords)
  const history = useEvents(generation)
  const events = history.data?.events ?? []
  return (
    <div className="generation">
      <Head generation={generation} />
      {generation.prompt === null && <p className="notice">{t('hidden_detail')}</p>}
      <Actions generation={generation} />
      <div className="generation-columns">
        <Media generation={generation} />
        <div className="stack-wide">
          <MoneyFacts generation={generation} />
          <Plan generation={generation} />
        </div>
      </div>
      <Attempts generation={generation} events={events} />
      <Events generation={generation} history={history} />
      <Deliveries generation={generation} />
    </div>
  )
}
