import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { Glyph } from '../../ui/glyphs.tsx'
import { useWords } from '../../words/language.tsx'
import { jobsQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

/** Attempts there of which nobody knows whether they were taken; they outrank everything else. */
export function UnknownThere({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const { usd } = useFormat()
  const { data } = useQuery(jobsQuery(id))
  const unknown = data?.uncertain.unknown
  if (unknown === undefined || unknown.attempts === 0 || unknown.oldest === null) return null
  return (
    <div className="held-line">
      <p className="row tone-warn">
        <Glyph name="exclamation" />
        {t('unknown_there', { n: unknown.attempts, amount: usd(unknown.reserved_cost_usd) })}
      </p>
      {unknown.attempts === 1 ? (
        <Link className="button" to="/generations/$id" params={{ id: unknown.oldest.generation }}>
          {t('see_unknown')}
        </Link>
      ) : (
        <Link className="button" to="/generations" search={{ tab: 'attention', upstream: id }}>
          {t('see_unknown')}
        </Link>
      )}
    </div>
  )
}
