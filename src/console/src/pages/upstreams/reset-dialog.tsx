import { api, bodyOf } from '../../api/client.ts'
import type { BreakerName } from '../../rules/upstream-state.ts'
import { useWords } from '../../words/language.tsx'
import type { DialogProps } from './action.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { JobsThere } from './jobs-there.tsx'
import { upstreamWords } from './words.ts'

export function ResetDialog({
  upstream: { id, outages },
  operation: name,
  onClose,
  onDone,
}: DialogProps & { operation: BreakerName }) {
  const t = useWords(upstreamWords)
  const operation = t(`operation_${name}`)
  return (
    <ConfirmDialog
      title={t('reset_title', { operation, id })}
      act={t('do_reset')}
      onAct={() =>
        bodyOf(
          api.POST('/upstreams/{id}/breakers/{operation}/reset', {
            params: { path: { id, operation: name } },
          }),
        )
      }
      onClose={onClose}
      onDone={() => onDone(t('done_reset', { operation, id }))}
    >
      <JobsThere id={id} />
      <p>{t('reset_detail')}</p>
      {name === 'create' && outages.length > 0 && <p>{t('reset_models')}</p>}
    </ConfirmDialog>
  )
}
