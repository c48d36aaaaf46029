import { Fragment } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { KindLetter } from './kind-letter.tsx'
import type { Kind } from './kind-letter.tsx'

interface Stop {
  id: string
  upstream: string
  kind: Kind
  state: string
}

/** The upstreams as they were tried. Only an attempt that failed is struck through; one that is overdue is not over. */
export function RoutePath({ attempts }: { attempts: readonly Stop[] }) {
  const t = useWords(coreWords)
  if (attempts.length === 0) return <span className="mute">–</span>
  return (
    <span className="route">
      {attempts.map(({ id, upstream, kind, state }, index) => (
        <Fragment key={id}>
          {index > 0 && (
            <span className="mute">
              <span aria-hidden="true">→</span>
              <span className="visually-hidden"> {t('route_then')} </span>
            </span>
          )}
          <span className="route-stop">
            <KindLetter kind={kind} />
            {state === 'failed' ? (
              <s>
                {upstream}
                <span className="visually-hidden"> {t('route_failed')}</span>
              </s>
            ) : (
              upstream
            )}
          </span>
        </Fragment>
      ))}
    </span>
  )
}
