import './studio.css'
import { useCan } from '../../session/use-can.ts'
import { Forbidden } from '../../ui/panel.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { Desk } from './desk.tsx'

/** Where scenes are written, priced and sent. */
export function Studio() {
  const t = useWords(coreWords)
  const canGenerate = useCan('generate')
  return (
    <>
      <PageHead title={t('studio')} />
      {canGenerate ? <Desk /> : <Forbidden scope="generate" />}
    </>
  )
}
