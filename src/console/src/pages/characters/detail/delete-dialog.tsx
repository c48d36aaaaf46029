import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../../../api/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { coreWords } from '../../../words/core.ts'
import { useLanguage, useWords } from '../../../words/language.tsx'
import type { Character } from '../queries.ts'
import { characterWords } from '../words.ts'

/** Says what goes, what stays here, and what stays at the upstreams. */
export function DeleteDialog({ character, onClose }: { character: Character; onClose: () => void }) {
  const t = useWords(characterWords)
  const core = useWords(coreWords)
  const { language } = useLanguage()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { id, name, bindings } = character
  const remove = useMutation({
    mutationFn: () => api.DELETE('/characters/{id}', { params: { path: { id } } }),
    onSuccess: async () => {
      await navigate({ to: '/characters' })
      client.removeQueries({ queryKey: ['character'] })
      await client.invalidateQueries({ queryKey: ['characters'] })
    },
  })
  const known = bindings.filter(
    ({ state, orphans }) => state === 'ready' || state === 'pending' || orphans > 0,
  )
  const upstreams = new Intl.ListFormat(language).format(known.map(({ upstream }) => upstream))
  return (
    <Dialog title={t('delete_title', { name: `@${name}` })} onClose={onClose}>
      <p>{t('delete_detail')}</p>
      <p>{known.length === 0 ? t('delete_nowhere') : t('delete_upstreams', { upstreams })}</p>
      {remove.error !== null && <Failure error={remove.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{core('cancel')}</Button>
        <Button kind="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
          {t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}
