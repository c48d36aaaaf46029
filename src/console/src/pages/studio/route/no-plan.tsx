import type { Schemas } from '../../../api/client.ts'
import type { ApiProblem } from '../../../api/problem.ts'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { LeftOut } from './candidates.tsx'

/** Why there is no route: at the words of the scene where they are to blame, else here. */
export function NoPlan({ problem, faultsAtText }: { problem: ApiProblem; faultsAtText: boolean }) {
  const t = useWords(studioWords)
  if (faultsAtText) return <p className="mute">{t('route_after_faults')}</p>
  const excluded = excludedIn(problem.more['excluded'])
  return (
    <div className="stack">
      <Failure error={problem} />
      {problem.faults.length > 0 && (
        <ul className="faults">
          {problem.faults.map(({ pointer, detail }) => (
            <li key={pointer + detail}>
              <code>{pointer}</code> <span className="fault">{detail}</span>
            </li>
          ))}
        </ul>
      )}
      {excluded.length > 0 && <LeftOut excluded={excluded} isOpen />}
    </div>
  )
}

function isExclusion(value: unknown): value is Schemas['Exclusion'] {
  return (
    typeof value === 'object' &&
    value !== null &&
    'upstream' in value &&
    'code' in value &&
    'detail' in value &&
    typeof value.upstream === 'string' &&
    typeof value.detail === 'string'
  )
}

function excludedIn(value: unknown): Array<Schemas['Exclusion']> {
  return Array.isArray(value) ? value.filter(isExclusion) : []
}
