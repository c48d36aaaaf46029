import { KindLetter } from '../../../ui/kind-letter.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** The route as it was made when the request was accepted, who was left out and why, and warnings. */
export function Plan({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const { candidates, excluded } = generation.route
  return (
    <>
      <section aria-labelledby="plan-title">
        <h2 id="plan-title">{t('route')}</h2>
        {candidates.length === 0 && <p className="mute">{t('no_candidates')}</p>}
        <ol className="plan">
          {candidates.map(({ upstream, kind, reason, drops }) => (
            <li key={upstream}>
              <KindLetter kind={kind} /> <strong>{upstream}</strong> <span className="mute">{reason}</span>
              {drops.length > 0 && (
                <span className="small tone-warn">{t('drops', { names: drops.join(', ') })}</span>
              )}
            </li>
          ))}
        </ol>
        {excluded.length > 0 && (
          <details>
            <summary>{t('left_out', { n: excluded.length })}</summary>
            <ul className="excluded">
              {excluded.map(({ upstream, code, detail }) => (
                <li key={upstream}>
                  <strong>{upstream}</strong> <code>{code}</code>
                  <span className="small mute">{detail}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
      {generation.warnings.length > 0 && <Warnings generation={generation} />}
    </>
  )
}

function Warnings({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  return (
    <section aria-labelledby="warnings-title">
      <h2 id="warnings-title">{t('warnings')}</h2>
      <ul className="excluded">
        {generation.warnings.map(({ code, detail }, place) => (
          <li key={place}>
            <code className="tone-warn">{code}</code>
            <span className="small">{detail}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
