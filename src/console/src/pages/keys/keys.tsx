import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Forbidden, Loaded } from '../../ui/panel.tsx'
import { SecretDialog } from '../../ui/secret-dialog.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { ChangeKey, MakeKey, RevokeKey, RotateKey } from './key-dialogs.tsx'
import { KeyRow } from './key-row.tsx'
import type { KeyAction } from './key-row.tsx'
import { keyPagesQuery } from './queries.ts'
import type { Key, MadeKey } from './queries.ts'
import { Tenants } from './tenants.tsx'
import { keyWords } from './words.ts'
import '../../ui/budget/budget.css'
import './keys.css'

/** Who may do what, and how much of it: the keys of the gateway and the budgets of its tenants. */
export function Keys() {
  const t = useWords(keyWords)
  const core = useWords(coreWords)
  const isAdmin = useCan('admin')
  const [open, setOpen] = useState<Open | null>(null)
  return (
    <>
      <PageHead title={core('keys')}>
        {isAdmin && (
          <Button kind="primary" onClick={() => setOpen({ action: 'make' })}>
            {t('make')}
          </Button>
        )}
      </PageHead>
      {isAdmin ? (
        <>
          <KeyTable onAct={(action, of) => setOpen({ action, of })} />
          <Tenants />
        </>
      ) : (
        <Forbidden scope="admin" />
      )}
      {open !== null && <OpenDialog open={open} setOpen={setOpen} />}
    </>
  )
}

type Open = { action: 'make' } | { action: KeyAction; of: Key } | { action: 'secret'; made: MadeKey }

function OpenDialog({ open, setOpen }: { open: Open; setOpen: (open: Open | null) => void }) {
  const t = useWords(keyWords)
  const onClose = () => setOpen(null)
  const onMade = (made: MadeKey) => setOpen({ action: 'secret', made })
  if (open.action === 'make') return <MakeKey onClose={onClose} onMade={onMade} />
  if (open.action === 'secret')
    return (
      <SecretDialog
        title={t('secret_title', { name: open.made.name })}
        detail={t('secret_detail')}
        secret={open.made.secret}
        onTaken={onClose}
      />
    )
  if (open.action === 'rotate') return <RotateKey of={open.of} onClose={onClose} onMade={onMade} />
  if (open.action === 'revoke') return <RevokeKey of={open.of} onClose={onClose} />
  return <ChangeKey of={open.of} onClose={onClose} />
}

const columns = [
  'column_name',
  'column_tenant',
  'column_scopes',
  'column_kinds',
  'column_budget',
  'column_limits',
  'column_used',
  'column_expires',
  'column_actions',
] as const

function KeyTable({ onAct }: { onAct: (action: KeyAction, of: Key) => void }) {
  const t = useWords(keyWords)
  const core = useWords(coreWords)
  const query = useInfiniteQuery(keyPagesQuery)
  const [showsEnded, setShowsEnded] = useState(false)
  return (
    <Loaded query={query} bones={6}>
      {({ pages }) => {
        const all = pages.flatMap(({ data }) => data)
        const shown = all.filter(({ state }) => showsEnded || state === 'active')
        return (
          <section className="keys-part" aria-label={t('table_name')}>
            {all.some(({ state }) => state !== 'active') && (
              <label className="row small">
                <input
                  type="checkbox"
                  checked={showsEnded}
                  onChange={({ target }) => setShowsEnded(target.checked)}
                />
                {t('show_ended')}
              </label>
            )}
            <div className="panel panel-flush">
              <table className="table cards keys" role="table" aria-label={t('table_name')}>
                <thead role="rowgroup">
                  <tr role="row">
                    {columns.map((word) => (
                      <th key={word} role="columnheader" scope="col">
                        {t(word)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody role="rowgroup">
                  {shown.map((key) => (
                    <KeyRow key={key.id} of={key} onAct={(action) => onAct(action, key)} />
                  ))}
                </tbody>
              </table>
            </div>
            {query.hasNextPage && (
              <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {core('show_more')}
              </Button>
            )}
          </section>
        )
      }}
    </Loaded>
  )
}
