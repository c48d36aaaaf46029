import { useState } from 'react'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { useWords } from '../../words/language.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { csvOf, download } from './csv.ts'
import type { Row } from './queries.ts'
import { listWords } from './words.ts'

interface Props {
  rows: readonly Row[]
  selected: ReadonlySet<string>
  onSelect: (ids: readonly string[]) => void
}

/** What can be done with the selected rows, and what came of it. */
export function SelectionBar({ rows, selected, onSelect }: Props) {
  const t = useWords(listWords)
  const canCancel = useCan('generate', 'operate')
  const [isAsking, setAsking] = useState(false)
  const [outcome, setOutcome] = useState('')
  const chosen = rows.filter(({ id }) => selected.has(id))
  return (
    <>
      <p role="status" className={outcome === '' ? 'visually-hidden' : 'notice selection-outcome'}>
        {outcome}
      </p>
      {chosen.length > 0 && (
        <section className="selection" aria-label={t('selection')}>
          <strong>{t('selected', { n: chosen.length })}</strong>
          {canCancel && (
            <Button kind="danger" onClick={() => setAsking(true)}>
              {t('cancel_selected')}
            </Button>
          )}
          <Button onClick={() => download('generations.csv', csvOf(chosen))}>{t('export')}</Button>
          <Button kind="quiet" onClick={() => onSelect([])}>
            {t('clear_selection')}
          </Button>
        </section>
      )}
      {isAsking && (
        <CancelDialog
          ids={chosen.map(({ id }) => id)}
          onClose={() => setAsking(false)}
          onDone={({ cancelled, failed }) => {
            setAsking(false)
            onSelect(failed)
            const said = [t('cancelled', { n: cancelled })]
            if (failed.length > 0) said.push(t('not_cancelled', { n: failed.length }))
            setOutcome(said.join(' '))
          }}
        />
      )}
    </>
  )
}
