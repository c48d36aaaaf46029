import { randomUUID } from 'node:crypto'
import type { ClientConfig } from 'pg'
import type { Logger } from '../../ports/logger.ts'
import type { NoticeListener, Notices } from '../../ports/notices.ts'
import { openListenConnection } from './listen-connection.ts'
import { isEmpty, nothingGathered, noticeTexts, parseNotice } from './notice-text.ts'
import type { Notice } from './notice-text.ts'

export interface SharedNotices extends Notices, AsyncDisposable {
  /** Tells what was gathered at once; resolves when the server has it, or cannot be reached. */
  flush(): Promise<void>
}

/** The channel that all nodes listen on; triggers of the database tell on it too. */
export const noticeChannel = 'understudy'
/** One notice of a node for all that it did meanwhile, because each takes a lock of the whole server. */
const gatherMs = 10
/** More are told as `missed`. Bounds what a long outage gathers. */
const mostGathered = 5000

/** Notices over LISTEN and NOTIFY, on a connection of their own. */
export function openNotices({ options, logger }: { options: ClientConfig; logger: Logger }): SharedNotices {
  const node = randomUUID()
  const listeners = new Set<NoticeListener>()
  let gathered = nothingGathered()
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let isUp = false

  const connection = openListenConnection({
    options,
    channel: noticeChannel,
    logger,
    onText(text) {
      const notice = parseNotice(text)
      if (notice !== null && notice.from !== node) hear(notice)
    },
    onUp() {
      isUp = true
      hear({ missed: true })
      flushSoon()
    },
    onDown() {
      isUp = false
      gathered.missed = true
    },
  })

  function hear({ changed = [], removed = [], work = false, copies = false, missed = false }: Notice): void {
    for (const listener of listeners) {
      if (missed) listener.missed?.()
      if (changed.length > 0) listener.changed?.(changed)
      if (removed.length > 0) listener.removed?.(removed)
      if (work) listener.work?.()
      if (copies) listener.copies?.()
    }
  }

  function gather(add: () => void): void {
    if (gathered.changed.size + gathered.removed.size < mostGathered) add()
    else gathered.missed = true
    flushSoon()
  }

  function flushSoon(): void {
    if (isUp) timer ??= setTimeout(() => void flush(), gatherMs).unref()
  }

  /** One at a time: under load, a slow server makes notices larger, not more. */
  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (sending !== null) await sending
    if (!isUp || isEmpty(gathered)) return
    const texts = noticeTexts(node, gathered)
    gathered = nothingGathered()
    const sent = connection.send(texts).catch(() => {
      gathered.missed = true
    })
    sending = sent.then(() => {
      sending = null
      if (!isEmpty(gathered)) flushSoon()
    })
    await sending
  }

  return {
    changed: (id) => gather(() => gathered.changed.add(id)),
    removed: (removal) => gather(() => gathered.removed.set(removal.id, removal)),
    work: () =>
      gather(() => {
        gathered.work = true
      }),
    listen(listener) {
      // A copy, so that the same listener can listen twice.
      const own = { ...listener }
      listeners.add(own)
      return () => listeners.delete(own)
    },
    flush,
    async [Symbol.asyncDispose]() {
      await flush()
      isUp = false
      if (timer !== null) clearTimeout(timer)
      await connection[Symbol.asyncDispose]()
    },
  }
}
