import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { loadSession, signOut } from '../../session/session.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { Failure, Loaded } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { Confirm } from './confirm.tsx'
import { Part } from './part.tsx'
import { sessionPagesQuery } from './queries.ts'
import type { Session } from './queries.ts'
import { settingsWords } from './words.ts'

/** Who is signed in where; each session can be ended. */
export function Sessions() {
  const t = useWords(settingsWords)
  const core = useWords(coreWords)
  const isAdmin = useCan('admin')
  const query = useInfiniteQuery(sessionPagesQuery)
  const [isEndingAll, setEndingAll] = useState(false)
  return (
    <Part
      title={t('sessions_title')}
      detail={isAdmin ? t('sessions_all') : t('sessions_own')}
      more={<Button onClick={() => setEndingAll(true)}>{t('end_all')}</Button>}
    >
      <div className="panel panel-flush">
        <Loaded query={query} bones={3}>
          {({ pages }) => <SessionTable sessions={pages.flatMap(({ data }) => data)} />}
        </Loaded>
      </div>
      {query.hasNextPage && (
        <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {core('show_more')}
        </Button>
      )}
      {isEndingAll && (
        <Confirm
          title={t('end_all_title')}
          detail={t('end_all_detail')}
          act={t('end_all')}
          onAct={async () => {
            await api.DELETE('/console/sessions')
            await signOut()
          }}
          onClose={() => setEndingAll(false)}
        />
      )}
    </Part>
  )
}

function SessionTable({ sessions }: { sessions: Session[] }) {
  const t = useWords(settingsWords)
  const cache = useQueryClient()
  const end = useMutation({
    mutationFn: ({ id }: Session) => api.DELETE('/console/sessions/{id}', { params: { path: { id } } }),
    // Who ends the session of this browser is signed out.
    onSuccess: (_answer, { current }) =>
      current ? loadSession() : cache.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={t('sessions_title')}>
      {end.error !== null && <Failure error={end.error} />}
      <table className="table settings-table">
        <thead>
          <tr>
            <th scope="col">{t('key')}</th>
            <th scope="col">{t('from')}</th>
            <th scope="col">{t('signed_in')}</th>
            <th scope="col">{t('last_used')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => end.mutate(session)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const t = useWords(settingsWords)
  const format = useFormat()
  const { address } = session
  return (
    <tr>
      <td>
        <bdi>{session.tenant}</bdi> / <bdi>{session.key.name}</bdi>
        {session.current && <span className="settings-here">{t('this_one')}</span>}
      </td>
      <td>
        <span className="mono">{address}</span>
        <span className="settings-agent small mute" title={session.user_agent ?? undefined}>
          {session.user_agent ?? t('unknown_browser')}
        </span>
      </td>
      <td>{format.instant(session.created_at)}</td>
      <td>{format.instant(session.last_used_at)}</td>
      <td className="figure">
        <Button aria-label={t('end_session', { address })} onClick={onEnd}>
          {t('end')}
        </Button>
      </td>
    </tr>
  )
}
