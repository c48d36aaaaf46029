import { useEffect, useState } from 'react'
import { firstSpan, moveEdge, typedSeconds } from '../../../rules/clip-span.ts'
import type { Span } from '../../../rules/clip-span.ts'
import type { Typed } from './part-fields.tsx'

const nothing: Typed = { start: '', end: '' }

/** What is wrong with the part as typed; null for a part, and for none. */
export type PartFault = 'no_number' | 'end_before_start' | null

function textOf({ start, end }: Span): Typed {
  return { start: String(start), end: String(end) }
}

/** The part of the video as typed or dragged; both write the same two texts. It begins anew with another video. */
export function usePart(source: string | null, duration: number | null) {
  const [typed, setTyped] = useState(nothing)
  const [made, setMade] = useState<string | null>(null)
  const key = source === null ? null : `${source} ${duration ?? 'unknown'}`
  useEffect(() => {
    if (key === made) return
    setMade(key)
    setTyped(duration === null ? nothing : textOf(firstSpan(duration)))
  }, [key, made, duration])
  const { span, fault } = partOf(typed)
  const isWhole = span !== null && duration !== null && span.start === 0 && span.end >= duration - 0.1
  return {
    typed,
    fault,
    span,
    /** What is sent: null keeps the video as it is. */
    asked: isWhole ? null : span,
    setSpan: (next: Span) => setTyped(textOf(next)),
    type: (edge: keyof Typed, text: string) => setTyped((before) => ({ ...before, [edge]: text })),
    /** What was typed is brought into the video. */
    settle: () => {
      if (span === null || duration === null) return
      setTyped(textOf(moveEdge(moveEdge(span, 'end', span.end, duration), 'start', span.start, duration)))
    },
  }
}

function partOf({ start, end }: Typed): { span: Span | null; fault: PartFault } {
  if (start.trim() === '' && end.trim() === '') return { span: null, fault: null }
  const from = start.trim() === '' ? 0 : typedSeconds(start)
  const to = typedSeconds(end)
  if (from === null || to === null) return { span: null, fault: 'no_number' }
  if (to <= from) return { span: null, fault: 'end_before_start' }
  return { span: { start: from, end: to }, fault: null }
}
