/** A part of a video, in seconds, in steps of a tenth. */
export interface Span {
  start: number
  end: number
}

export type Edge = keyof Span

/** What upstreams take of a character; of a longer clip they get the beginning. */
export const usualSeconds = 3
const leastSeconds = 1
const perSecond = 10

/** Down, so that an end is never behind the video's. */
function floored(seconds: number): number {
  return Math.floor(seconds * perSecond + 1e-6) / perSecond
}

function rounded(seconds: number): number {
  return Math.round(seconds * perSecond) / perSecond
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most))
}

/** The first seconds of a video of this length. */
export function firstSpan(duration: number): Span {
  return { start: 0, end: Math.min(usualSeconds, floored(duration)) }
}

/** The span with one edge moved to `to`. It stays within the video and at least a second long, where the video is. */
export function moveEdge(span: Span, edge: Edge, to: number, duration: number): Span {
  const end = floored(duration)
  const least = Math.min(leastSeconds, end)
  if (edge === 'start') return { ...span, start: rounded(within(rounded(to), 0, span.end - least)) }
  return { ...span, end: rounded(within(rounded(to), span.start + least, end)) }
}

/** The same length elsewhere, beginning at `start` or as near as the video allows. */
export function moveSpan(span: Span, start: number, duration: number): Span {
  const seconds = rounded(span.end - span.start)
  const from = rounded(within(rounded(start), 0, floored(duration) - seconds))
  return { start: from, end: rounded(from + seconds) }
}

const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -0.1,
  ArrowDown: -0.1,
  ArrowRight: 0.1,
  ArrowUp: 0.1,
  PageDown: -1,
  PageUp: 1,
}

/** Where a key takes an edge; null for a key that moves nothing. `coarse`: with Shift, arrows go by seconds. */
export function edgeAfter(key: string, at: number, coarse: boolean, duration: number): number | null {
  if (key === 'Home') return 0
  if (key === 'End') return duration
  const step = steps[key]
  if (step === undefined) return null
  return at + (coarse && Math.abs(step) < 1 ? step * perSecond : step)
}

/** The middles of `count` equal parts of a video, where its frames are taken. */
export function frameTimes(duration: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) * duration) / count)
}

/** Seconds as typed into a field; null where that is no number. */
export function typedSeconds(typed: string): number | null {
  const seconds = Number(typed.trim().replace(',', '.'))
  return typed.trim() === '' || !Number.isFinite(seconds) || seconds < 0 ? null : seconds
}
