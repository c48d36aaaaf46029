import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../../api/problem.ts'
import { useCan } from '../../session/use-can.ts'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Failure, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Actions, ActionDialog } from './actions.tsx'
import type { Action } from './action.ts'
import { Capabilities } from './capabilities.tsx'
import { Day } from './day.tsx'
import { Excluded } from './excluded.tsx'
import { Now } from './now.tsx'
import { upstreamsQuery } from './queries.ts'
import type { Upstream as Facts } from './queries.ts'
import { UpstreamPill } from './state-pill.tsx'
import { Trouble } from './trouble.tsx'
import { UnknownThere } from './unknown-there.tsx'
import { upstreamWords } from './words.ts'
import './upstreams.css'

/** One upstream: how it is, how it was for a day, what it answered, and what can be done. */
export function Upstream() {
  const t = useWords(upstreamWords)
  const { id } = useParams({ from: '/upstreams/$id' })
  const query = useQuery(upstreamsQuery)
  return (
    <>
      <nav className="small">
        <Link to="/upstreams">← {t('all_upstreams')}</Link>
      </nav>
      {query.data === undefined && <PageHead title={t('one_title', { id })} />}
      <Loaded query={query} bones={8}>
        {({ data }) => {
          const found = data.find((upstream) => upstream.id === id)
          return found === undefined ? <Missing id={id} /> : <Found key={id} upstream={found} />
        }}
      </Loaded>
    </>
  )
}

function Missing({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const error = new ApiProblem(t('missing', { id }), { status: 404, code: 'not_found' })
  return (
    <>
      <PageHead title={t('one_title', { id })} />
      <Failure error={error} />
    </>
  )
}

function Found({ upstream }: { upstream: Facts }) {
  const t = useWords(upstreamWords)
  const [action, setAction] = useState<Action | null>(null)
  const [done, setDone] = useState('')
  const mayOperate = useCan('operate')
  const seesWork = useCan('generate', 'read', 'observe', 'operate')
  return (
    <>
      <PageHead title={upstream.id}>
        <KindLetter kind={upstream.kind} />
        <UpstreamPill upstream={upstream} />
        {mayOperate && <Actions upstream={upstream} onAct={setAction} />}
      </PageHead>
      <p role="status" className={done === '' ? 'visually-hidden' : 'notice done'}>
        {done}
      </p>
      {seesWork && <UnknownThere id={upstream.id} />}
      <div className="upstream-parts">
        <div>
          <Now upstream={upstream} onAct={mayOperate ? setAction : null} />
          <Day id={upstream.id} />
          {seesWork && <Trouble id={upstream.id} />}
        </div>
        <div>
          {seesWork && <Excluded id={upstream.id} />}
          <Capabilities upstream={upstream} />
          {!mayOperate && <p className="notice">{t('acting_takes')}</p>}
        </div>
      </div>
      {action !== null && (
        <ActionDialog
          upstream={upstream}
          action={action}
          onClose={() => setAction(null)}
          onDone={(said) => {
            setDone(said)
            setAction(null)
          }}
        />
      )}
    </>
  )
}
