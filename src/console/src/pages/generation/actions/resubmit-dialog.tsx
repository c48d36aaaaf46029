import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { ApiProblem } from '../../../api/problem.ts'
import { useFormat } from '../../../format/use-format.ts'
import { twoBillsIn } from '../../../rules/two-bills.ts'
import type { TwoBills } from '../../../rules/two-bills.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { generationKey } from '../queries.ts'
import type { Attempt } from '../queries.ts'
import { generationWords } from '../words.ts'

interface Props {
  generationId: string
  attempt: Attempt
  close: () => void
}

function resubmit(id: string, attempt: string, accepts: boolean) {
  const body = { attempt, accept_two_bills: accepts }
  return bodyOf(api.POST('/generations/{id}/resubmit', { params: { path: { id } }, body }))
}

/** Without the acceptance nothing is sent, and the problem names both amounts. */
async function askAmounts(id: string, attempt: string): Promise<TwoBills | null> {
  try {
    await resubmit(id, attempt, false)
    return null
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'two_bills_possible') return twoBillsIn(error.more)
    throw error
  }
}

/** Names the double bill and its amount before anything is sent. */
export function ResubmitDialog({ generationId, attempt, close }: Props) {
  const t = useWords(generationWords)
  const client = useQueryClient()
  const amounts = useQuery({
    queryKey: ['generation', generationId, 'two bills', attempt.id],
    queryFn: () => askAmounts(generationId, attempt.id),
    staleTime: 0,
    gcTime: 0,
  })
  const sending = useMutation({
    mutationFn: () => resubmit(generationId, attempt.id, true),
    onSuccess: (generation) => {
      client.setQueryData(generationKey(generationId), generation)
      void client.invalidateQueries({ queryKey: ['generations'] })
      close()
    },
  })
  return (
    <Dialog title={t('send_title')} onClose={close}>
      {amounts.isPending && <p className="mute">{t('send_asking')}</p>}
      {amounts.error !== null && <Failure error={amounts.error} retry={() => void amounts.refetch()} />}
      {amounts.data != null && <Amounts bills={amounts.data} />}
      {sending.error !== null && <Failure error={sending.error} />}
      <div className="dialog-actions">
        <Button onClick={close}>{t('keep_waiting')}</Button>
        {amounts.data != null && (
          <Button kind="danger" isBusy={sending.isPending} onClick={() => sending.mutate()}>
            {t('accept_two')}
          </Button>
        )}
      </div>
    </Dialog>
  )
}

function Amounts({ bills: { first, second } }: { bills: TwoBills }) {
  const t = useWords(generationWords)
  const { usd } = useFormat()
  const one = { first: usd(first.usd), upstream: first.upstream }
  if (second === null) return <p>{t('send_later', one)}</p>
  return (
    <>
      <p>{t('send_detail', { ...one, second: usd(second.usd), other: second.upstream })}</p>
      <p className="strong">{t('send_total', { amount: usd(first.usd + second.usd) })}</p>
    </>
  )
}
