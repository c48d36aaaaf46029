import { useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { BindingPill } from '../parts/binding-mark.tsx'
import type { Binding, Character } from '../queries.ts'
import { characterWords } from '../words.ts'
import { BindDialog } from './bind-dialog.tsx'

interface Props {
  row: {
    upstream: string
    binding: Binding | null
    needsBinding: boolean
    canBind: boolean
  }
  character: Character
  canAct: boolean
}

/** What the character is on one upstream, in the words of the upstream, and the way to have it made now. */
export function BindingCell({ row, character, canAct }: Props) {
  const t = useWords(characterWords)
  const [isAsking, setAsking] = useState(false)
  const { binding, upstream, needsBinding, canBind } = row
  return (
    <div className="stack-tight">
      {binding === null ? (
        <span className="small mute">{t(needsBinding ? 'made_on_first_use' : 'no_binding_needed')}</span>
      ) : (
        <Made binding={binding} />
      )}
      {canAct && canBind && (
        <Button aria-label={`${t('bind_now')}: ${upstream}`} onClick={() => setAsking(true)}>
          {t('bind_now')}
        </Button>
      )}
      {isAsking && <BindDialog {...{ character, upstream, binding }} onClose={() => setAsking(false)} />}
    </div>
  )
}

function Made({ binding }: { binding: Binding }) {
  const t = useWords(characterWords)
  const { instant } = useFormat()
  const {
    handle,
    failure,
    failure_code: code,
    retry_at: retryAt,
    orphans,
    asked_by: key,
    creations,
  } = binding
  return (
    <>
      <BindingPill binding={binding} />
      {handle !== null && (
        <span className="small">
          <span className="mute">{t('handle')}</span> <code>{handle}</code>
        </span>
      )}
      {failure !== null && (
        <p className="small character-failure">
          {failure} {code !== null && <code>{code}</code>}
        </p>
      )}
      {code !== null && (
        <p className="small mute">
          {retryAt === null ? t('retry_by_hand') : t('retry_at', { at: instant(retryAt) })}
        </p>
      )}
      {orphans > 0 && <p className="small tone-warn">{t('orphans', { n: orphans })}</p>}
      {key !== null && creations > 0 && <p className="small mute">{t('asked_by', { key, n: creations })}</p>}
    </>
  )
}
