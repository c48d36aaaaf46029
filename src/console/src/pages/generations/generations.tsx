import { Empty } from '../../ui/panel.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'

export function Generations() {
  const t = useWords(coreWords)
  return (
    <>
      <PageHead title={t('generations')} />
      <Empty title={t('generations')} />
    </>
  )
}
