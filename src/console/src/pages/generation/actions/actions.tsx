import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { hasEnded } from '../../../rules/row-state.ts'
import { useCan } from '../../../session/use-can.ts'
import { useSession } from '../../../session/session.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'

/** What can be done with the generation as a whole. What the key may not do is not there. */
export function Actions({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const [asked, setAsked] = useState<'cancel' | 'delete' | null>(null)
  const isOwn = useSession().session?.tenant === generation.tenant
  const makes = useCan('generate') && isOwn
  const operates = useCan('operate')
  const isOver = hasEnded(generation)
  const [character] = generation.characters
  const close = () => setAsked(null)
  if (!makes && (!operates || isOver)) return null
  return (
    <div className="actions" role="group" aria-label={t('actions')}>
      {makes && generation.prompt !== null && (
        <Link to="/studio" search={{ from: generation.id }} className="button">
          {t('same_again')}
        </Link>
      )}
      {makes && generation.video !== null && (
        <Link to="/characters/new" search={{ generation: generation.id }} className="button">
          {t('make_character')}
        </Link>
      )}
      {makes && character !== undefined && (
        <Link to="/compare/new" search={{ character: character.name }} className="button">
          {t('compare')}
        </Link>
      )}
      {!isOver && (
        <Button kind="danger" onClick={() => setAsked('cancel')}>
          {t('cancel_generation')}
        </Button>
      )}
      {isOver && makes && (
        <Button kind="danger" onClick={() => setAsked('delete')}>
          {t('delete_generation')}
        </Button>
      )}
      {asked === 'cancel' && <CancelDialog generation={generation} close={close} />}
      {asked === 'delete' && <DeleteDialog generation={generation} close={close} />}
    </div>
  )
}
