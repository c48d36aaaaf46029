import { Link } from '@tanstack/react-router'
import { Empty } from '../ui/panel.tsx'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

export function NotFound() {
  const t = useWords(coreWords)
  return (
    <Empty title={t('not_found_title')}>
      <p>{t('not_found_detail')}</p>
      <Link to="/">{t('to_overview')}</Link>
    </Empty>
  )
}
