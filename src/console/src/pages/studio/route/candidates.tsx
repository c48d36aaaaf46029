import type { Schemas } from '../../../api/client.ts'
import { useFormat } from '../../../format/use-format.ts'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

type Candidate = Schemas['PreviewCandidate']

/** The upstreams in the order in which they are tried. */
export function Candidates({ candidates }: { candidates: readonly Candidate[] }) {
  const t = useWords(studioWords)
  if (candidates.length === 0) return <p className="tone-warn">{t('all_wait')}</p>
  return (
    <ol className="candidates">
      {candidates.map((candidate) => (
        <CandidateRow key={candidate.upstream} candidate={candidate} />
      ))}
    </ol>
  )
}

function CandidateRow({ candidate }: { candidate: Candidate }) {
  const t = useWords(studioWords)
  const { usd, seconds } = useFormat()
  const { upstream, kind, reason, estimated_cost_usd: cost, expected_seconds: expected, drops } = candidate
  return (
    <li className="candidate">
      <div className="candidate-head">
        <KindLetter kind={kind} />
        <strong className="candidate-name">{upstream}</strong>
        <span className="candidate-cost">{usd(cost)}</span>
      </div>
      <p className="small mute" lang="en">
        {reason}
      </p>
      <p className="small candidate-more">
        <span>{expected === null ? t('time_unknown') : t('time_expected', { time: seconds(expected) })}</span>
        {candidate.binding === 'needed' && <span className="tone-warn">{t('binding_needed')}</span>}
        {drops.map((name) => (
          <span key={name} className="tone-warn">
            {t('dropped', { name })}
          </span>
        ))}
      </p>
    </li>
  )
}

/** Who is left out, and why. */
export function LeftOut({
  excluded,
  isOpen = false,
}: {
  excluded: ReadonlyArray<Schemas['Exclusion']>
  isOpen?: boolean
}) {
  const t = useWords(studioWords)
  return (
    <details className="left-out" open={isOpen}>
      <summary>{t('left_out', { n: excluded.length })}</summary>
      <ul>
        {excluded.map(({ upstream, code, detail }) => (
          <li key={upstream}>
            <strong>{upstream}</strong> <code>{code}</code>
            <p className="small mute" lang="en">
              {detail}
            </p>
          </li>
        ))}
      </ul>
    </details>
  )
}
