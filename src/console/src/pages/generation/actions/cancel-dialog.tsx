import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { generationKey } from '../queries.ts'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** Says what may still be charged before anything ends. */
export function CancelDialog({ generation, close }: { generation: Generation; close: () => void }) {
  const t = useWords(generationWords)
  const { usd } = useFormat()
  const client = useQueryClient()
  const { id, reserved_cost_usd: reserved } = generation
  const cancelling = useMutation({
    mutationFn: () => bodyOf(api.POST('/generations/{id}/cancel', { params: { path: { id } } })),
    onSuccess: (cancelled) => {
      client.setQueryData(generationKey(id), cancelled)
      void client.invalidateQueries({ queryKey: ['generations'] })
      close()
    },
  })
  return (
    <Dialog title={t('cancel_title')} onClose={close}>
      <p>{reserved > 0 ? t('cancel_detail', { amount: usd(reserved) }) : t('cancel_free')}</p>
      {cancelling.error !== null && <Failure error={cancelling.error} />}
      <div className="dialog-actions">
        <Button onClick={close}>{t('keep')}</Button>
        <Button kind="danger" isBusy={cancelling.isPending} onClick={() => cancelling.mutate()}>
          {t('cancel_generation')}
        </Button>
      </div>
    </Dialog>
  )
}
