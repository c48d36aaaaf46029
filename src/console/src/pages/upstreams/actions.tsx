import { Button } from '../../ui/button.tsx'
import { useWords } from '../../words/language.tsx'
import type { Action, DialogProps } from './action.ts'
import { PauseDialog } from './pause-dialog.tsx'
import { ProbeDialog } from './probe-dialog.tsx'
import type { Upstream } from './queries.ts'
import { ResetDialog } from './reset-dialog.tsx'
import { ResumeDialog } from './resume-dialog.tsx'
import { upstreamWords } from './words.ts'

/** Of a pause of everything, the overview is the place to resume. */
export function isPausedItself({ pause }: Upstream): boolean {
  return pause !== null && pause.upstream !== null
}

export function Actions({ upstream, onAct }: { upstream: Upstream; onAct: (action: Action) => void }) {
  const t = useWords(upstreamWords)
  return (
    <>
      {isPausedItself(upstream) ? (
        <Button kind="primary" onClick={() => onAct({ type: 'resume' })}>
          {t('resume')}
        </Button>
      ) : (
        <Button onClick={() => onAct({ type: 'pause' })}>{t('pause')}</Button>
      )}
      <Button onClick={() => onAct({ type: 'probe' })}>{t('probe')}</Button>
    </>
  )
}

export function ActionDialog({ action, ...rest }: DialogProps & { action: Action }) {
  switch (action.type) {
    case 'pause':
      return <PauseDialog {...rest} />
    case 'resume':
      return <ResumeDialog {...rest} />
    case 'probe':
      return <ProbeDialog {...rest} />
    case 'reset':
      return <ResetDialog {...rest} operation={action.operation} />
  }
}
