import { ownMeanOf } from '../../../rules/compare-results.ts'
import { overall } from '../../../rules/scores.ts'
import { letterOf } from '../../../rules/takes.ts'
import type { Take } from '../../../rules/takes.ts'
import { useWords } from '../../../words/language.tsx'
import { Scores } from '../one/results.tsx'
import type { Cell, Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'

/** The names again: each upstream with this person's means, the best first, and who was behind which letter. */
export function Reveal({ comparison, takes }: { comparison: Comparison; takes: ReadonlyArray<Take<Cell>> }) {
  const t = useWords(compareWords)
  const ranked = comparison.upstreams
    .flatMap((upstream) => {
      const points = ownMeanOf(comparison.cells, upstream)
      return points === null ? [] : [{ upstream, points }]
    })
    .toSorted((a, b) => overall(b.points) - overall(a.points))
  return (
    <div className="stack" role="status">
      <p className="mute">{t('reveal_detail')}</p>
      <ol className="reveal panel">
        {ranked.map(({ upstream, points }) => (
          <li key={upstream}>
            <strong>{upstream}</strong>
            <meter min={0} max={100} value={overall(points)} aria-label={upstream} />
            <Scores points={points} count={null} />
          </li>
        ))}
      </ol>
      <ul className="reveal-takes small mute">
        {takes.map(({ scene, run, cells }) => (
          <li key={`${scene} ${run}`}>
            {t('reveal_order', {
              scene: comparison.runs > 1 ? `${scene + 1}.${run}` : scene + 1,
              order: cells
                .map(({ upstream }, index) => t('is_letter', { letter: letterOf(index), who: upstream }))
                .join(', '),
            })}
          </li>
        ))}
      </ul>
    </div>
  )
}
