import { api, bodyOf } from '../../api/client.ts'
import { useWords } from '../../words/language.tsx'
import type { DialogProps } from './action.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { JobsThere } from './jobs-there.tsx'
import { upstreamWords } from './words.ts'

export function ResumeDialog({ upstream: { id }, onClose, onDone }: DialogProps) {
  const t = useWords(upstreamWords)
  return (
    <ConfirmDialog
      title={t('resume_title', { id })}
      act={t('do_resume', { id })}
      onAct={() => bodyOf(api.POST('/upstreams/{id}/resume', { params: { path: { id } } }))}
      onClose={onClose}
      onDone={() => onDone(t('done_resumed', { id }))}
    >
      <JobsThere id={id} />
      <p>{t('resume_detail')}</p>
    </ConfirmDialog>
  )
}
