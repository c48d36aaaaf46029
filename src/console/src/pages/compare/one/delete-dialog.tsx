import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { useDelete } from '../queries.ts'
import type { Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'

/** Says what becomes of videos that are under way, and of money. */
export function DeleteDialog({ comparison, onClose }: { comparison: Comparison; onClose: () => void }) {
  const t = useWords(compareWords)
  const { usd } = useFormat()
  const navigate = useNavigate()
  const [isCancelling, setCancelling] = useState(true)
  const remove = useDelete(comparison.id, () => void navigate({ to: '/compare' }))
  const open = comparison.videos - comparison.delivered - comparison.failed
  const held = comparison.money.may_still_be_charged_usd
  return (
    <Dialog title={t('delete_title')} onClose={onClose}>
      <p>{t('delete_detail')}</p>
      {open > 0 && (
        <>
          <p>{t('delete_running', { n: open })}</p>
          <label className="choice">
            <input
              type="checkbox"
              checked={isCancelling}
              onChange={(event) => setCancelling(event.target.checked)}
            />
            {t('delete_cancel')}
          </label>
        </>
      )}
      {held > 0 && <p className="tone-warn">{t('delete_charged', { amount: usd(held) })}</p>}
      {remove.error !== null && <Failure error={remove.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{t('keep')}</Button>
        <Button
          kind="danger"
          isBusy={remove.isPending}
          onClick={() => remove.mutate(open > 0 && isCancelling)}
        >
          {t('delete')}
        </Button>
      </div>
    </Dialog>
  )
}
