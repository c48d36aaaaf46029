import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { FormEvent } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import type { DialogProps } from './action.ts'
import { JobsThere } from './jobs-there.tsx'
import { PauseFields } from './pause-fields.tsx'
import type { PauseForm } from './pause-fields.tsx'
import { cancellableQuery, runningThere } from './queries.ts'
import { untilOf } from '../../rules/pause-ends.ts'
import { upstreamWords } from './words.ts'

/** Pauses first, so that nothing new starts, and then cancels what was counted before. */
async function pause(
  id: string,
  { reason, end }: PauseForm,
  cancelled: Schemas['CancelResult'] | null,
): Promise<number> {
  const body = { reason: reason.trim(), until: untilOf(end, Date.now()) }
  await bodyOf(api.POST('/upstreams/{id}/pause', { params: { path: { id } }, body }))
  if (cancelled === null || cancelled.matched === 0) return 0
  const { counts } = await bodyOf(
    api.POST('/generations/cancel', {
      body: { filter: runningThere(id), dry_run: false, expected: cancelled.matched },
    }),
  )
  return counts.cancelled
}

export function PauseDialog({ upstream: { id }, onClose, onDone }: DialogProps) {
  const t = useWords(upstreamWords)
  const core = useWords(coreWords)
  const client = useQueryClient()
  const hint = useId()
  const [form, setForm] = useState<PauseForm>({ reason: '', end: 'resumed', what: 'new' })
  const [isMissing, setMissing] = useState(false)
  const cancellable = useQuery({ ...cancellableQuery(id), enabled: form.what === 'all' })
  const counted = form.what === 'all' ? (cancellable.data ?? null) : null
  const mutation = useMutation({
    mutationFn: () => pause(id, form, counted),
    onSuccess: async (n) => {
      await client.invalidateQueries({ queryKey: ['upstreams'] })
      onDone(n === 0 ? t('done_paused', { id }) : t('done_paused_cancelled', { id, n }))
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    const missing = form.reason.trim() === ''
    setMissing(missing)
    if (!missing) mutation.mutate()
  }
  return (
    <Dialog title={t('pause_title', { id })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <JobsThere id={id} />
        <p id={hint}>{t('pause_stays')}</p>
        <PauseFields form={form} isMissing={isMissing} onChange={setForm} offersAll />
        {form.what === 'all' && <WhatIsCancelled counted={counted} error={cancellable.error} />}
        {mutation.error !== null && <Failure error={mutation.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{core('close')}</Button>
          <Button
            kind="primary"
            type="submit"
            aria-describedby={hint}
            isBusy={mutation.isPending || (form.what === 'all' && counted === null)}
          >
            {t('do_pause', { id })}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function WhatIsCancelled({
  counted,
  error,
}: {
  counted: Schemas['CancelResult'] | null
  error: Error | null
}) {
  const t = useWords(upstreamWords)
  const { usd } = useFormat()
  if (error !== null) return <Failure error={error} />
  if (counted === null) return null
  const { matched, may_still_be_charged_usd: amount } = counted
  return (
    <p className="notice" role="status">
      {matched === 0 ? t('pause_all_none') : t('pause_all_detail', { n: matched, amount: usd(amount) })}
    </p>
  )
}
