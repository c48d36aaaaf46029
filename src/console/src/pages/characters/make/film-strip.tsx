import { useRef } from 'react'
import type { PointerEvent, RefObject } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { edgeAfter, moveEdge, moveSpan } from '../../../rules/clip-span.ts'
import type { Edge, Span } from '../../../rules/clip-span.ts'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'
import { frameCount } from './use-frames.ts'

interface Props {
  canvas: RefObject<HTMLCanvasElement | null>
  /** Null until the length is known. */
  part: { span: Span; duration: number } | null
  onChange: (span: Span) => void
}

/** Frames of the video from left to right, with the part between two edges that are dragged, or moved by keys. */
export function FilmStrip({ canvas, part, onChange }: Props) {
  const t = useWords(characterWords)
  const { seconds } = useFormat()
  const strip = useRef<HTMLDivElement>(null)
  const label = part === null ? t('reading_frames') : t('strip', { seconds: seconds(part.duration) })
  return (
    <div className="strip" ref={strip} role="group" aria-label={label}>
      <canvas ref={canvas} width={frameCount * 96} height={54} aria-hidden="true" />
      {part !== null && (
        <>
          <Outside {...part} />
          <Middle {...part} strip={strip} onChange={onChange} />
          <Handle edge="start" {...part} strip={strip} onChange={onChange} />
          <Handle edge="end" {...part} strip={strip} onChange={onChange} />
        </>
      )}
    </div>
  )
}

interface Moving {
  span: Span
  duration: number
  strip: RefObject<HTMLDivElement | null>
  onChange: (span: Span) => void
}

const share = (seconds: number, duration: number) => `${(seconds / duration) * 100}%`

function Outside({ span, duration }: Pick<Moving, 'span' | 'duration'>) {
  return (
    <>
      <div className="strip-outside" style={{ insetInlineStart: 0, width: share(span.start, duration) }} />
      <div
        className="strip-outside"
        style={{ insetInlineEnd: 0, width: share(duration - span.end, duration) }}
      />
    </>
  )
}

/** Seconds at the pointer. */
function secondsAt(event: PointerEvent, { strip, duration }: Moving): number {
  const box = strip.current?.getBoundingClientRect()
  return box === undefined ? 0 : ((event.clientX - box.left) / box.width) * duration
}

function Middle(props: Moving) {
  const { span, duration, onChange } = props
  const grip = useRef<number | null>(null)
  return (
    <div
      className="strip-part"
      style={{ insetInlineStart: share(span.start, duration), width: share(span.end - span.start, duration) }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        grip.current = secondsAt(event, props) - span.start
      }}
      onPointerMove={(event) => {
        if (grip.current !== null) onChange(moveSpan(span, secondsAt(event, props) - grip.current, duration))
      }}
      onLostPointerCapture={() => {
        grip.current = null
      }}
    />
  )
}

function Handle({ edge, ...props }: Moving & { edge: Edge }) {
  const t = useWords(characterWords)
  const isHeld = useRef(false)
  const { span, duration, onChange } = props
  const at = span[edge]
  return (
    <div
      className={`strip-handle strip-${edge}`}
      role="slider"
      tabIndex={0}
      aria-label={t(edge)}
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration * 10) / 10}
      aria-valuenow={at}
      aria-valuetext={t('at_seconds', { n: at, all: Math.floor(duration * 10) / 10 })}
      style={{ insetInlineStart: share(at, duration) }}
      onKeyDown={(event) => {
        const to = edgeAfter(event.key, at, event.shiftKey, duration)
        if (to === null) return
        event.preventDefault()
        onChange(moveEdge(span, edge, to, duration))
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        isHeld.current = true
      }}
      onPointerMove={(event) => {
        if (isHeld.current) onChange(moveEdge(span, edge, secondsAt(event, props), duration))
      }}
      onLostPointerCapture={() => {
        isHeld.current = false
      }}
    />
  )
}
