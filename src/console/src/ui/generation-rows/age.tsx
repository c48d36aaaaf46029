import { useSyncExternalStore } from 'react'
import { useFormat } from '../../format/use-format.ts'

/** Often enough for minutes; seconds are exact when the row is drawn. */
const tickMs = 20_000
/** As many as change at once: the words of a thousand rows would hold up the page. */
const slice = 50
const listeners = new Set<() => void>()
let now = Date.now()
let timer: number | undefined

function tell(left: ReadonlyArray<() => void>): void {
  for (const each of left.slice(0, slice)) if (listeners.has(each)) each()
  if (left.length > slice) setTimeout(() => tell(left.slice(slice)))
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    now = Date.now()
    tell([...listeners])
  }, tickMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** How long ago; exact on hover. All of a screen tick together. */
export function Age({ at }: { at: string }) {
  const { age, instant } = useFormat()
  // The words and not the time: an age of hours is not drawn anew with every tick.
  const words = useSyncExternalStore(listen, () => age(at, Math.max(now, Date.parse(at))))
  return (
    <time dateTime={at} title={instant(at)}>
      {words}
    </time>
  )
}
