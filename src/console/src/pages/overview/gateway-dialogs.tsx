import { useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import { useWords } from '../../words/language.tsx'
import { ConfirmDialog } from '../upstreams/confirm-dialog.tsx'
import { overviewWords } from './words.ts'

export function ResumeAllDialog({ onClose }: { onClose: () => void }) {
  const t = useWords(overviewWords)
  return (
    <ConfirmDialog
      title={t('resume_all')}
      act={t('resume_all')}
      onAct={() => bodyOf(api.POST('/operations/resume'))}
      onClose={onClose}
      onDone={onClose}
    >
      <p>{t('resume_all_detail')}</p>
    </ConfirmDialog>
  )
}

export function ReleaseDialog({ onClose }: { onClose: () => void }) {
  const t = useWords(overviewWords)
  const client = useQueryClient()
  return (
    <ConfirmDialog
      title={t('release_title')}
      act={t('release')}
      onAct={() => bodyOf(api.POST('/operations/release', { body: { unsearched: false } }))}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: ['health'] })
        onClose()
      }}
    >
      <p>{t('release_detail')}</p>
    </ConfirmDialog>
  )
}
