import { useEffect, useRef } from 'react'
import type { Span } from '../../../rules/clip-span.ts'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'

/** Plays the part again and again, without sound. It stands still for people who asked for less motion. */
export function Loop({ src, span }: { src: string; span: Span | null }) {
  const t = useWords(characterWords)
  const video = useRef<HTMLVideoElement>(null)
  const { start = 0, end = Number.POSITIVE_INFINITY } = span ?? {}
  useEffect(() => {
    const shown = video.current
    if (shown === null) return
    shown.currentTime = start
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
    // A browser may refuse to play by itself; the controls remain.
    shown.play().catch(() => undefined)
  }, [start, end, src])
  return (
    <video
      ref={video}
      className="character-clip"
      src={src}
      muted
      loop
      playsInline
      controls
      aria-label={t('preview')}
      onTimeUpdate={({ currentTarget }) => {
        const { currentTime } = currentTarget
        if (currentTime >= end || currentTime < start - 0.5) currentTarget.currentTime = start
      }}
    />
  )
}
