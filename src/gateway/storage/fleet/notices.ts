import { randomUUID } from 'node:crypto'
import type { ClientConfig } from 'pg'
import type { Logger } from '../../ports/logger.ts'
import type { NoticeListener, Notices } from '../../ports/notices.ts'
import { openListenConnection } from './listen-connection.ts'
import { createNoticeOutbox } from './notice-outbox.ts'
import { noticeTexts, parseNotice } from './notice-text.ts'
import type { Notice } from './notice-text.ts'

export interface SharedNotices extends Notices, AsyncDisposable {
  /** Tells what was gathered at once; resolves when the server has it, or cannot be reached. */
  flush(): Promise<void>
}

/** The channel that all nodes listen on; triggers of the database tell on it too. */
const channel = 'understudy'

/** Where nothing is told, all that may have changed is looked at this often. */
const pollEveryMs = 3000

/** Notices over LISTEN and NOTIFY, on a connection of their own. */
export function openNotices({
  options,
  isPooled = false,
  logger,
}: {
  options: ClientConfig
  /** Through a pooler in transaction mode: it takes the LISTEN, and tells nothing. Absent: no. */
  isPooled?: boolean
  logger: Logger
}): SharedNotices {
  const node = randomUUID()
  const listeners = new Set<NoticeListener>()
  const outbox = createNoticeOutbox((gathered) => connection.send(noticeTexts(node, gathered)))
  const connection = openListenConnection({
    options,
    channel,
    logger,
    onText(text) {
      const notice = parseNotice(text)
      if (notice !== null && notice.from !== node) hear(notice)
    },
    onUp() {
      hear({ missed: true })
      outbox.turn(true)
    },
    onOtherGone: () => hear({ missed: true }),
    onDown: () => outbox.turn(false),
  })

  const polling = isPooled ? setInterval(() => hear({ missed: true }), pollEveryMs).unref() : null

  function hear({ changed = [], removed = [], work = false, copies = false, missed = false }: Notice): void {
    for (const listener of listeners) {
      if (missed) listener.missed?.()
      if (changed.length > 0) listener.changed?.(changed)
      if (removed.length > 0) listener.removed?.(removed)
      if (work) listener.work?.()
      if (copies) listener.copies?.()
    }
  }

  return {
    changed: (id) => outbox.add(({ changed }) => changed.add(id)),
    removed: (removal) => outbox.add(({ removed }) => removed.set(removal.id, removal)),
    work() {
      outbox.add((gathered) => {
        gathered.work = true
      })
    },
    listen(listener) {
      // A copy, so that the same listener can listen twice.
      const own = { ...listener }
      listeners.add(own)
      return () => listeners.delete(own)
    },
    flush: () => outbox.flush(),
    async [Symbol.asyncDispose]() {
      await outbox.flush()
      outbox.close()
      if (polling !== null) clearInterval(polling)
      connection.close()
    },
  }
}
