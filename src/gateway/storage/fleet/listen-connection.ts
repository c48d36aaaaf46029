import { Socket } from 'node:net'
import { Client } from 'pg'
import type { ClientConfig } from 'pg'
import type { Logger } from '../../ports/logger.ts'

/** One connection that listens, and is made again whenever it breaks. */
export interface ListenConnection extends AsyncDisposable {
  /** Tells these texts to all who listen. Rejects without a connection, or when it breaks; then nobody may know of them. */
  send(texts: readonly string[]): Promise<void>
}

export interface ListenDeps {
  /** How to reach the server. */
  options: ClientConfig
  channel: string
  onText: (text: string) => void
  /** It listens, for the first time or again: what was told before may have been missed. */
  onUp: () => void
  /** What was sent last may be lost. */
  onDown: () => void
  logger: Logger
}

const firstWaitMs = 50
const longestWaitMs = 2000
const connectMs = 3000
/** A network that drops packets says nothing, so that the connection is tried this often. */
const tryEveryMs = 2000
const answerMs = 2000

export function openListenConnection(deps: ListenDeps): ListenConnection {
  const { channel, logger } = deps
  let open: { client: Client; socket: Socket } | null = null
  let waitMs = firstWaitMs
  let timer: NodeJS.Timeout | null = null
  let closed = false
  let said = false

  async function begin(): Promise<void> {
    timer = null
    const socket = new Socket()
    const client = new Client({
      ...deps.options,
      stream: () => socket,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      keepAlive: true,
    })
    const made = { client, socket }
    let isOver = false
    const over = (error?: unknown): void => {
      if (isOver) return
      isOver = true
      if (open === made) open = null
      // `end` would wait for the server.
      socket.destroy()
      ended(error)
    }
    client.on('error', over)
    client.on('end', () => over())
    client.on('notification', ({ payload }) => deps.onText(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
    } catch (error) {
      return over(error)
    }
    if (isOver || closed) return over()
    open = made
    waitMs = firstWaitMs
    if (said) logger.info({}, 'listening to other nodes again')
    said = false
    deps.onUp()
    tryLater(made, over)
  }

  function tryLater({ client }: { client: Client }, over: (error: unknown) => void): void {
    timer = setTimeout(() => {
      client.query('select 1').then(() => {
        if (open?.client === client) tryLater({ client }, over)
      }, over)
    }, tryEveryMs).unref()
  }

  function ended(error: unknown): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (closed) return
    if (!said) logger.warn({ err: error }, 'cannot listen to other nodes; looking at the database instead')
    said = true
    deps.onDown()
    timer = setTimeout(start, waitMs).unref()
    waitMs = Math.min(longestWaitMs, waitMs * 2)
  }

  function start(): void {
    begin().catch((error: unknown) => logger.error({ err: error }, 'failed to listen to other nodes'))
  }

  start()
  return {
    async send(texts) {
      if (open === null) throw new Error('not connected')
      await open.client.query('select pg_notify($1, text) from unnest($2::text[]) as text', [channel, texts])
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      const last = open
      open = null
      last?.socket.destroy()
    },
  }
}
