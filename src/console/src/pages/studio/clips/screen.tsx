import type { ShownState } from '../../../rules/row-state.ts'
import { StatePill } from '../../../ui/pill.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

interface Props {
  id: string
  prompt: string
  state: ShownState
  progress: number
  hasVideo: boolean
}

/** The video, which plays in place; before it is there, how far it is. */
export function Screen({ id, prompt, state, progress, hasVideo }: Props) {
  const t = useWords(studioWords)
  if (hasVideo) {
    return (
      <video
        className="screen"
        controls
        playsInline
        preload="none"
        poster={`/generations/${id}/thumbnail`}
        src={`/generations/${id}/video`}
        aria-label={t('video_of', { prompt })}
      />
    )
  }
  const isMoving = state === 'running' || state === 'archiving' || state === 'in_progress'
  return (
    <div className="screen screen-wait">
      <StatePill state={state} />
      {isMoving && <ProgressBar percent={progress} label={t('progress')} />}
    </div>
  )
}
