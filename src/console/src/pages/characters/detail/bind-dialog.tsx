import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import type { Binding, Character } from '../queries.ts'
import { characterWords } from '../words.ts'

interface Props {
  character: Character
  upstream: string
  /** What is there already. */
  binding: Binding | null
  onClose: () => void
}

/** Names what it may cost before the upstream is asked to create the character. */
export function BindDialog({ character: { id, name }, upstream, binding, onClose }: Props) {
  const t = useWords(characterWords)
  const core = useWords(coreWords)
  const client = useQueryClient()
  const bind = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/characters/{id}/bindings', { params: { path: { id } }, body: { upstreams: [upstream] } }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['character'] })
      void client.invalidateQueries({ queryKey: ['characters'] })
      onClose()
    },
  })
  const mayExist = binding !== null && (binding.orphans > 0 || binding.failure_code === 'outcome_unknown')
  return (
    <Dialog title={t('bind_title', { name: `@${name}`, upstream })} onClose={onClose}>
      <p>{t('bind_detail')}</p>
      {mayExist && <p className="tone-warn">{t('bind_again')}</p>}
      {bind.error !== null && <Failure error={bind.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{core('cancel')}</Button>
        <Button kind="primary" isBusy={bind.isPending} onClick={() => bind.mutate()}>
          {t('bind_now')}
        </Button>
      </div>
    </Dialog>
  )
}
