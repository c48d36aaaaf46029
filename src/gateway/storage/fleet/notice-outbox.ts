import { isEmpty, nothingGathered } from './notice-text.ts'
import type { Gathered } from './notice-text.ts'

/** Gathers what a node has to tell. */
export interface NoticeOutbox {
  add(add: (gathered: Gathered) => void): void
  /** Whether it can be told now. What was told last before it could not may be lost. */
  turn(isUp: boolean): void
  /** Tells what was gathered at once; resolves when it was told, or cannot be. */
  flush(): Promise<void>
  close(): void
}

/** One notice of a node for all that it did meanwhile, because each takes a lock of the whole server. */
const gatherMs = 10
/** More are told as `missed`. Bounds what a long outage gathers. */
const mostGathered = 5000

/** `send` rejects where nobody may have been told. */
export function createNoticeOutbox(send: (gathered: Gathered) => Promise<void>): NoticeOutbox {
  let gathered = nothingGathered()
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let isUp = false

  function flushSoon(): void {
    if (isUp && !isEmpty(gathered)) timer ??= setTimeout(() => void flush(), gatherMs).unref()
  }

  async function tell(): Promise<void> {
    const told = gathered
    gathered = nothingGathered()
    try {
      await send(told)
    } catch {
      gathered.missed = true
    }
  }

  /** One at a time: under load, a slow server makes notices larger, not more. */
  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (sending !== null) await sending
    if (!isUp || isEmpty(gathered)) return
    sending = tell()
    await sending
    sending = null
    flushSoon()
  }

  return {
    add(add) {
      if (gathered.changed.size + gathered.removed.size < mostGathered) add(gathered)
      else gathered.missed = true
      flushSoon()
    },
    turn(up) {
      isUp = up
      if (!up) gathered.missed = true
      flushSoon()
    },
    flush,
    close() {
      isUp = false
      if (timer !== null) clearTimeout(timer)
    },
  }
}
