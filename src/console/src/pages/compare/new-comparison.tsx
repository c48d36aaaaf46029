import { Link } from '@tanstack/react-router'
import { useCan } from '../../session/use-can.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Forbidden } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { MakeForm } from './make/make-form.tsx'
import { compareWords } from './words/words.ts'
import './compare.css'

/** What to compare, and what it costs at most before it is sent. */
export function NewComparison() {
  const t = useWords(compareWords)
  const canMake = useCan('generate')
  return (
    <>
      <p className="compare-back">
        <Link to="/compare">← {t('back')}</Link>
      </p>
      <PageHead title={t('new')} />
      {canMake ? <MakeForm /> : <Forbidden scope="generate" />}
    </>
  )
}
