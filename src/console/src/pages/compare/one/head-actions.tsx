import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useCan } from '../../../session/use-can.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'
import { DeleteDialog } from './delete-dialog.tsx'

export function HeadActions({ comparison }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  const [isDeleting, setDeleting] = useState(false)
  const canChange = useCan('generate')
  if (!canChange) return null
  const { id, cells } = comparison
  const isScored = cells.some((cell) => cell.own_scores !== null)
  return (
    <>
      {comparison.delivered > 0 ? (
        <Link className="button button-primary" to="/compare/$id" params={{ id }} search={{ score: true }}>
          {isScored ? t('score_again') : t('score')}
        </Link>
      ) : (
        <span className="small mute">{t('nothing_to_score')}</span>
      )}
      <Button kind="danger" onClick={() => setDeleting(true)}>
        {t('delete')}
      </Button>
      {isDeleting && <DeleteDialog comparison={comparison} onClose={() => setDeleting(false)} />}
    </>
  )
}
