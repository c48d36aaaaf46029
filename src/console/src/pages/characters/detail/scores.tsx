import { useFormat } from '../../../format/use-format.ts'
import { useWords } from '../../../words/language.tsx'
import type { CharacterUsage } from '../queries.ts'
import { characterWords } from '../words.ts'

/** Averages of what people said in comparisons, from 0 to 100. */
export function Scores({ scores }: { scores: CharacterUsage['totals']['scores'] }) {
  const t = useWords(characterWords)
  const { number } = useFormat()
  if (scores === null) return <span className="small mute">{t('not_scored')}</span>
  const { face, clothing, style, count } = scores
  return (
    <span className="small">
      {t('score_of', { face: number(face), clothing: number(clothing), style: number(style) })}{' '}
      <span className="mute">({t('scored_by', { n: count })})</span>
    </span>
  )
}
