import { isSignedIn } from '../session/session.ts'
import { frameTypes, parseFrame } from './frames.ts'
import type { Frame } from './frames.ts'

/** The gateway sends a heartbeat every 15 seconds. */
const silenceMs = 30_000
const retryMs = [1000, 2000, 4000, 5000] as const

interface Told {
  /** The number of the last event that is known; null if none is. */
  after: number | null
  onFrame: (frame: Frame) => void
  /** Nothing comes any more; it is tried again. */
  onLost: () => void
}

/** Holds the one stream: opens it, and again when it ends, after the last event that came. Returns a function that closes it. */
export function holdStream({ after: known, onFrame, onLost }: Told): () => void {
  let source: EventSource | null = null
  let after = known
  let tries = 0
  let watchdog: number | undefined
  let retry: number | undefined
  let isClosed = false

  function open(): void {
    source = new EventSource(after === null ? '/events' : `/events?after=${after}`)
    for (const type of frameTypes) source.addEventListener(type, take)
    source.addEventListener('error', lose)
    watch()
  }

  function take(event: MessageEvent<unknown>): void {
    const frame = typeof event.data === 'string' ? parseFrame(event.data) : null
    tries = 0
    watch()
    if (frame === null) return
    after = frame.seq
    onFrame(frame)
  }

  function watch(): void {
    clearTimeout(watchdog)
    watchdog = window.setTimeout(lose, silenceMs)
  }

  function shut(): void {
    clearTimeout(watchdog)
    clearTimeout(retry)
    source?.close()
    source = null
  }

  function lose(): void {
    shut()
    if (isClosed) return
    onLost()
    const wait = retryMs[Math.min(tries, retryMs.length - 1)]
    tries++
    retry = window.setTimeout(() => void again(), wait)
  }

  /** An `EventSource` cannot see a 401, so the session is asked first. Signed out, it waits for who signs in. */
  async function again(): Promise<void> {
    try {
      if (!(await isSignedIn()) || isClosed) return
    } catch {
      if (!isClosed) lose()
      return
    }
    open()
  }

  function online(): void {
    if (source !== null) return
    shut()
    tries = 0
    void again()
  }

  window.addEventListener('offline', lose)
  window.addEventListener('online', online)
  open()
  return () => {
    isClosed = true
    window.removeEventListener('offline', lose)
    window.removeEventListener('online', online)
    shut()
  }
}
