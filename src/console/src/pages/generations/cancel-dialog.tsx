import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { listWords } from './words.ts'

type Result = Schemas['CancelResult']

/** As many as one call takes. */
const mostIds = 500

async function cancel(ids: readonly string[], dryRun: boolean): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < ids.length; from += mostIds) {
    const body = { ids: ids.slice(from, from + mostIds), dry_run: dryRun }
    results.push(await bodyOf(api.POST('/generations/cancel', { body })))
  }
  return results
}

function sum(results: readonly Result[], of: (result: Result) => number): number {
  return results.reduce((total, result) => total + of(result), 0)
}

export interface Cancelled {
  cancelled: number
  /** What could not be cancelled. */
  failed: string[]
}

interface Props {
  ids: readonly string[]
  onClose: () => void
  onDone: (cancelled: Cancelled) => void
}

/** Says first how many it would be, and what may still be charged. */
export function CancelDialog({ ids, onClose, onDone }: Props) {
  const t = useWords(listWords)
  const client = useQueryClient()
  const asked = useQuery({
    queryKey: ['cancelling', ids],
    queryFn: () => cancel(ids, true),
    staleTime: 0,
    gcTime: 0,
  })
  const mutation = useMutation({
    mutationFn: () => cancel(ids, false),
    onSuccess(results) {
      void client.invalidateQueries({ queryKey: ['generations'] })
      const outcomes = results.flatMap(({ data }) => data)
      onDone({
        cancelled: sum(results, ({ counts }) => counts.cancelled),
        failed: outcomes.filter(({ outcome }) => outcome === 'not_cancelled').map(({ id }) => id),
      })
    },
  })
  const count = asked.data === undefined ? ids.length : sum(asked.data, ({ counts }) => counts.cancellable)
  return (
    <Dialog title={t('cancel_title', { n: count })} onClose={onClose}>
      <Loaded query={asked} bones={2}>
        {(results) => <Consequences results={results} count={count} all={ids.length} />}
      </Loaded>
      {mutation.error !== null && <Failure error={mutation.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{t('keep')}</Button>
        {count > 0 && asked.data !== undefined && (
          <Button kind="danger" isBusy={mutation.isPending} onClick={() => mutation.mutate()}>
            {t('cancel_act', { n: count })}
          </Button>
        )}
      </div>
    </Dialog>
  )
}

function Consequences({ results, count, all }: { results: readonly Result[]; count: number; all: number }) {
  const t = useWords(listWords)
  const { usd } = useFormat()
  const charged = sum(results, (result) => result.may_still_be_charged_usd)
  if (count === 0) return <p>{t('cancel_none')}</p>
  return (
    <>
      <p>{charged > 0 ? t('cancel_charged', { amount: usd(charged) }) : t('cancel_free')}</p>
      {all > count && <p className="mute">{t('cancel_ended', { n: all - count })}</p>}
    </>
  )
}
