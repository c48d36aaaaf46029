import { useEffect, useRef, useState } from 'react'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import { usePlayback } from './use-playback.ts'

interface Props {
  generationId: string
  /** Of the video, for screen readers. */
  label: string
  isPortrait: boolean
  /** Whether it is on the common clock; else its poster stands there and nothing is loaded. */
  isInPlay: boolean
}

/** A video without controls of its own: the clock above it starts, stops and seeks it. */
export function Player({ generationId, label, isPortrait, isInPlay }: Props) {
  const t = useWords(compareWords)
  const playback = usePlayback()
  const ref = useRef<HTMLVideoElement>(null)
  const [hasFailed, setFailed] = useState(false)
  useEffect(() => {
    const video = ref.current
    if (video === null || !isInPlay) return undefined
    return playback.add(generationId, video)
  }, [playback, generationId, isInPlay])
  return (
    <div className={isPortrait ? 'player player-portrait' : 'player'}>
      <video
        ref={ref}
        src={isInPlay ? `/generations/${generationId}/video` : undefined}
        poster={`/generations/${generationId}/thumbnail`}
        aria-label={label}
        data-generation={generationId}
        preload="auto"
        playsInline
        muted
        disablePictureInPicture
        onError={() => setFailed(isInPlay)}
      />
      {hasFailed && <p className="player-fault small">{t('cannot_play')}</p>}
    </div>
  )
}
