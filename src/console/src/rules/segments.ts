export interface Mark {
  start: number
  end: number
  kind: 'character' | 'fault'
}

export interface Segment {
  text: string
  kind: Mark['kind'] | null
}

/**
 * A text cut at its marks and at `anchor`, where an empty segment is. Marks may overlap: a fault covers a character, and the first
 * of two alike covers the second. Together the segments are the text.
 */
export function segmentsOf(
  text: string,
  marks: readonly Mark[],
  anchor: number | null,
): { before: Segment[]; after: Segment[] } {
  const cuts = new Set([0, text.length])
  for (const { start, end } of marks) {
    cuts.add(clamped(start, text)).add(clamped(end, text))
  }
  if (anchor !== null) cuts.add(clamped(anchor, text))
  const places = [...cuts].toSorted((a, b) => a - b)
  const segments = places.slice(0, -1).map((start, index) => {
    const end = places[index + 1] ?? text.length
    const covering = marks.filter((mark) => mark.start <= start && mark.end >= end)
    const kind = covering.find((mark) => mark.kind === 'fault')?.kind ?? covering[0]?.kind ?? null
    return { start, text: text.slice(start, end), kind }
  })
  const at = anchor ?? 0
  const plain = ({ text: part, kind }: Segment) => ({ text: part, kind })
  return {
    before: segments.filter(({ start }) => start < at).map(plain),
    after: segments.filter(({ start }) => start >= at).map(plain),
  }
}

function clamped(place: number, text: string): number {
  return Math.min(Math.max(0, place), text.length)
}
