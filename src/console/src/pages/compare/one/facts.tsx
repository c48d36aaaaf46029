import { Link } from '@tanstack/react-router'
import { useFormat } from '../../../format/use-format.ts'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import type { Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'
import { ThreeSums } from './three-sums.tsx'

/** What was asked, how far it is, and its money. */
export function Facts({ comparison }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  const c = useWords(coreWords)
  const { seconds, usd } = useFormat()
  const { character, model, duration, size, scenes, runs, videos, delivered, failed, status } = comparison
  return (
    <div className="panel compare-facts">
      <div className="stack compare-asked">
        <p>
          <Link to="/characters/$id" params={{ id: character.id }}>
            @{character.name}
          </Link>{' '}
          · {t('scenes_fact', { n: scenes.length })} · {t('runs_fact', { n: runs })} ·{' '}
          {t('facts', {
            model,
            seconds: seconds(duration),
            size: size === 'landscape' || size === 'portrait' ? t(size) : size,
          })}
        </p>
        <p className="row small" role="status">
          <span>{t('counts', { delivered, videos })}</span>
          {failed > 0 && <span className="tone-bad">{t('counts_failed', { n: failed })}</span>}
          {status === 'in_progress' && (
            <>
              <ProgressBar percent={comparison.progress} label={t('progress')} />
              <span className="tone-run">{t('running', { n: videos - delivered - failed })}</span>
            </>
          )}
        </p>
      </div>
      <div className="compare-money">
        <h2 className="visually-hidden">{c('money')}</h2>
        <ThreeSums money={comparison.money} />
        <p className="small mute">
          {t('worst_of')}: {usd(comparison.worst_case_cost_usd)}
        </p>
      </div>
    </div>
  )
}
