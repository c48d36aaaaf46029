import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { useSession } from '../../../session/session.ts'
import { useCan } from '../../../session/use-can.ts'
import { Button } from '../../../ui/button.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { generationKey } from '../queries.ts'
import type { Attempt, Generation } from '../queries.ts'
import { generationWords } from '../words.ts'
import { ResubmitDialog } from './resubmit-dialog.tsx'
import { SettleDialog } from './settle-dialog.tsx'

interface Props {
  generation: Generation
  attempt: Attempt
}

/** Paid, ended, and nothing to show for it: the vendor's bill decides. */
function isPaidInVain({ state, cost_state: cost, cost_usd: usd, delivered }: Attempt): boolean {
  return (state === 'failed' || state === 'succeeded') && cost === 'settled' && usd > 0 && !delivered
}

/** What a person can do about an attempt whose outcome is unknown, that is overdue, or that was paid in vain. */
export function AttemptActions({ generation, attempt }: Props) {
  const t = useWords(generationWords)
  const [asked, setAsked] = useState<'settle' | 'resubmit' | null>(null)
  const operates = useCan('operate')
  const isOwn = useSession().session?.tenant === generation.tenant
  const makes = useCan('generate') && isOwn
  const isUnknown = attempt.state === 'unknown'
  const isWatched = isUnknown || attempt.state === 'abandoned'
  if (!isWatched && !isPaidInVain(attempt)) return null
  const close = () => setAsked(null)
  return (
    <div className="attempt-actions">
      {operates && isWatched && <Look generationId={generation.id} attempt={attempt} />}
      {operates && (isUnknown || isPaidInVain(attempt)) && (
        <Button onClick={() => setAsked('settle')}>{t('settle')}</Button>
      )}
      {(operates || makes) && isUnknown && attempt.resubmission === null && (
        <Button onClick={() => setAsked('resubmit')}>{t('send_elsewhere')}</Button>
      )}
      {!operates && <p className="small mute">{t('operate_detail')}</p>}
      {asked === 'settle' && <SettleDialog generationId={generation.id} attempt={attempt} close={close} />}
      {asked === 'resubmit' && (
        <ResubmitDialog generationId={generation.id} attempt={attempt} close={close} />
      )}
    </div>
  )
}

function Look({ generationId, attempt: { id } }: { generationId: string; attempt: Attempt }) {
  const t = useWords(generationWords)
  const client = useQueryClient()
  const looking = useMutation({
    mutationFn: () => bodyOf(api.POST('/attempts/{id}/look', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: generationKey(generationId) }),
  })
  return (
    <>
      <Button isBusy={looking.isPending} onClick={() => looking.mutate()}>
        {looking.isSuccess ? t('looked') : t('look_now')}
      </Button>
      {looking.error !== null && <Failure error={looking.error} />}
    </>
  )
}
