import { useFormat } from '../../format/use-format.ts'
import { largest } from '../../rules/mixed-cost.ts'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { useWords } from '../../words/language.tsx'
import type { Estimate } from './queries.ts'
import { moneyWords } from './words.ts'

export type PolicyEstimate = Estimate['data'][number]

/** What the work costs under each policy, with a bar of its height beside the others. */
export function Policies({ estimate }: { estimate: Estimate }) {
  const t = useWords(moneyWords)
  const isHistory = estimate.history !== undefined
  const most = largest(estimate.data.map(({ month_usd: cost }) => cost))
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={t('what_if')}>
      <table className="table policies">
        <thead>
          <tr>
            <th scope="col">{t('policy')}</th>
            <th scope="col">{t(isHistory ? 'mostly_by' : 'by_first')}</th>
            <th scope="col" className="figure">
              {t('per_video')}
            </th>
            <th scope="col" className="figure">
              {t(isHistory ? 'this_time' : 'per_month')}
            </th>
            <th scope="col">{t('compared')}</th>
          </tr>
        </thead>
        <tbody>
          {estimate.data.map((each) => (
            <PolicyRow key={each.policy} estimate={each} most={most} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PolicyRow({ estimate, most }: { estimate: PolicyEstimate; most: number }) {
  const t = useWords(moneyWords)
  const { usd } = useFormat()
  const { policy, upstream, kind, month_usd: cost, per_video_usd: each, unserved = 0 } = estimate
  return (
    <tr>
      <th scope="row">{t(`policy_${policy}`)}</th>
      {upstream === null || cost === null ? (
        <td colSpan={4} className="mute">
          {t('nobody')}
        </td>
      ) : (
        <>
          <td>
            <span className="row">
              {kind !== null && <KindLetter kind={kind} />}
              {upstream}
            </span>
            {unserved > 0 && <span className="small tone-warn">{t('unserved', { n: unserved })}</span>}
          </td>
          <td className="figure">{each === null ? '–' : usd(each)}</td>
          <td className="figure policy-cost">
            {usd(cost)}
            <svg className="policy-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect width={most === 0 ? 0 : (cost / most) * 100} height="4" />
            </svg>
          </td>
          <td>
            <Saving usd={estimate.saving_usd} />
          </td>
        </>
      )}
    </tr>
  )
}

function Saving({ usd: saving }: { usd: number | null }) {
  const t = useWords(moneyWords)
  const { usd } = useFormat()
  if (saving === null || saving === 0) return <span className="mute">–</span>
  return saving > 0 ? (
    <span className="tone-ok">{t('compared_less', { amount: usd(saving) })}</span>
  ) : (
    <span className="tone-bad">{t('compared_more', { amount: usd(-saving) })}</span>
  )
}
