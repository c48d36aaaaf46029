import type { ClientConfig } from 'pg'
import type { Logger } from '../../ports/logger.ts'
import { openListenSession } from './listen-session.ts'
import type { ListenSession } from './listen-session.ts'

/** One connection that listens, and is made again whenever it breaks. */
export interface ListenConnection {
  /** Tells these texts to all who listen. Rejects without a connection, or when it breaks; then nobody may know of them. */
  send(texts: readonly string[]): Promise<void>
  close(): void
}

export interface ListenDeps {
  /** How to reach the server. */
  options: ClientConfig
  channel: string
  onText: (text: string) => void
  /** It listens, for the first time or again: what was told before may have been missed. */
  onUp: () => void
  /** Another node that listened does so no longer: what it did last may not have been told. */
  onOtherGone: () => void
  /** What was sent last may be lost. */
  onDown: () => void
  logger: Logger
}

const firstWaitMs = 50
const longestWaitMs = 2000

export function openListenConnection(deps: ListenDeps): ListenConnection {
  const { options, channel, logger } = deps
  let session: ListenSession | null = null
  let waitMs = firstWaitMs
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  let isSaid = false

  async function listen(): Promise<unknown> {
    timer = null
    const opened = await openListenSession(options, channel, deps)
    session = opened
    if (isClosed) opened.drop()
    else up()
    return opened.over
  }

  function up(): void {
    waitMs = firstWaitMs
    if (isSaid) logger.info({}, 'listening to other nodes again')
    isSaid = false
    deps.onUp()
  }

  function down(error: unknown): void {
    session = null
    if (isClosed) return
    if (!isSaid) logger.warn({ err: error }, 'cannot listen to other nodes; looking at the database instead')
    isSaid = true
    deps.onDown()
    timer = setTimeout(begin, waitMs).unref()
    waitMs = Math.min(longestWaitMs, waitMs * 2)
  }

  function begin(): void {
    listen().then(down, down)
  }

  begin()
  return {
    async send(texts) {
      if (session === null) throw new Error('not connected')
      const text = 'select pg_notify($1, text) from unnest($2::text[]) as text'
      await session.client.query(text, [channel, texts])
    },
    close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      session?.drop()
    },
  }
}
