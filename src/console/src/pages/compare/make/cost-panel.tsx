import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import type { useCost, useMake } from './use-make.ts'

interface Props {
  cost: ReturnType<typeof useCost>
  make: ReturnType<typeof useMake>
}

/** What it costs at most, by upstream, and the button that says so again. What is named is the limit that is sent. */
export function CostPanel({ cost: { body, query, isCurrent }, make }: Props) {
  const t = useWords(compareWords)
  const { usd } = useFormat()
  const cost = body === null ? undefined : query.data
  const worst = cost?.worst_case_cost_usd ?? 0
  const hasCost = isCurrent && cost !== undefined && query.error === null
  return (
    <aside className="panel stack make-cost" aria-label={t('worst_case')}>
      <h2>{t('worst_case')}</h2>
      {body === null && <p className="mute small">{t('incomplete')}</p>}
      {body !== null && query.error !== null && <Failure error={query.error} />}
      {body !== null && query.error === null && (
        <dl className="facts" aria-busy={!isCurrent}>
          {cost?.upstreams.map((each) => (
            <div key={each.upstream} className="make-line">
              <dt>
                {each.upstream} <span className="small">· {t('scenes_by', { n: each.videos })}</span>
              </dt>
              <dd>{usd(each.worst_case_cost_usd)}</dd>
            </div>
          ))}
        </dl>
      )}
      {cost !== undefined && query.error === null && (
        <p className="make-total" aria-live="polite">
          {isCurrent ? usd(worst) : t('asking')}
        </p>
      )}
      <p className="small mute">{t('worst_hint')}</p>
      {make.error !== null && <Failure error={make.error} />}
      {hasCost && body !== null && (
        <Button kind="primary" isBusy={make.isPending} onClick={() => make.mutate({ body, mostUsd: worst })}>
          {t('make', { n: cost.videos, amount: usd(worst) })}
        </Button>
      )}
    </aside>
  )
}
