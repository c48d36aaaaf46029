import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../../../api/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { generationKey } from '../queries.ts'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** Deletes the record with its media, and leads back to the list. */
export function DeleteDialog({ generation: { id }, close }: { generation: Generation; close: () => void }) {
  const t = useWords(generationWords)
  const client = useQueryClient()
  const navigate = useNavigate()
  const deleting = useMutation({
    mutationFn: () => api.DELETE('/generations/{id}', { params: { path: { id } } }),
    onSuccess: async () => {
      await navigate({ to: '/generations', replace: true })
      client.removeQueries({ queryKey: generationKey(id) })
      await client.invalidateQueries({ queryKey: ['generations'] })
    },
  })
  return (
    <Dialog title={t('delete_title')} onClose={close}>
      <p>{t('delete_detail')}</p>
      {deleting.error !== null && <Failure error={deleting.error} />}
      <div className="dialog-actions">
        <Button onClick={close}>{t('keep')}</Button>
        <Button kind="danger" isBusy={deleting.isPending} onClick={() => deleting.mutate()}>
          {t('delete_generation')}
        </Button>
      </div>
    </Dialog>
  )
}
