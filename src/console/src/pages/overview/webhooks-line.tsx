import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../../words/language.tsx'
import { LineRow } from './line-row.tsx'
import { failingQuery } from './queries.ts'
import { overviewWords } from './words.ts'

/** Webhooks that receivers do not accept, with the newest of them. */
export function Webhooks({ failing, hasMore }: { failing: number; hasMore: boolean }) {
  const t = useWords(overviewWords)
  const { data } = useQuery(failingQuery)
  const newest = data?.data[0]
  const message = newest?.last_try?.message ?? null
  return (
    <LineRow
      glyph="cross"
      tone="bad"
      head={hasMore ? t('webhooks_more_than', { n: failing }) : t('webhooks', { n: failing })}
      more={
        newest === undefined
          ? undefined
          : message === null
            ? t('webhooks_silent', { receiver: newest.url })
            : t('webhooks_more', { receiver: newest.url, message })
      }
      act={
        newest?.generation_id == null ? null : (
          <Link className="button" to="/generations/$id" params={{ id: newest.generation_id }}>
            {t('see_generation')}
          </Link>
        )
      }
    />
  )
}
