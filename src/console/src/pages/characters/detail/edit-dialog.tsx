import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { nameFault } from '../../../rules/character-name.ts'
import { faultAt, otherFaults } from '../../../rules/faults.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import { NameField } from '../parts/name-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import type { Character } from '../queries.ts'
import { characterWords } from '../words.ts'

/** Another name or description. What was accepted before keeps the earlier ones. */
export function EditDialog({ character, onClose }: { character: Character; onClose: () => void }) {
  const t = useWords(characterWords)
  const core = useWords(coreWords)
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState(character.name)
  const [description, setDescription] = useState(character.description)
  const { id } = character
  const save = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PATCH('/characters/{id}', {
          params: { path: { id } },
          body: { description, ...(name !== character.name && { name }) },
        }),
      ),
    onSuccess: async () => {
      // The address may have had the earlier name.
      await navigate({ to: '/characters/$id', params: { id }, replace: true })
      await client.invalidateQueries({ queryKey: ['character'] })
      void client.invalidateQueries({ queryKey: ['characters'] })
      onClose()
    },
  })
  return (
    <Dialog title={t('edit_title', { name: `@${character.name}` })} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (nameFault(name) === null) save.mutate()
        }}
      >
        <NameField own={character.name} {...{ name, setName }} fault={faultAt(save.error, '/name')} />
        <TextField
          label={t('description')}
          hint={t('description_hint')}
          value={description}
          onChange={setDescription}
          fault={faultAt(save.error, '/description')}
        />
        <p className="small mute">{t('edit_hint')}</p>
        {otherFaults(save.error, ['/name', '/description']) && save.error !== null && (
          <Failure error={save.error} />
        )}
        <div className="dialog-actions">
          <Button onClick={onClose}>{core('cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
