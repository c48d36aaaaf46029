import { Socket } from 'node:net'
import { Client } from 'pg'
import type { ClientConfig } from 'pg'

/** A connection that listens, until it breaks. */
export interface ListenSession {
  client: Client
  /** Resolves with the reason when it is over. */
  over: Promise<unknown>
  /** Ends it at once, without a word to the server. */
  drop(): void
}

const connectMs = 3000
const answerMs = 2000
/** A network that drops packets says nothing, so that the connection is tried this often. */
const tryEveryMs = 2000

/** Rejects if it cannot listen within a few seconds. */
export async function openListenSession(
  options: ClientConfig,
  channel: string,
  onText: (text: string) => void,
): Promise<ListenSession> {
  const socket = new Socket()
  const client = new Client({
    ...options,
    stream: () => socket,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
  })
  let reason: unknown
  const drop = (why?: unknown): void => {
    reason ??= why
    // `end` of the client would wait for the server.
    socket.destroy()
  }
  client.on('error', drop)
  client.on('end', () => drop())
  client.on('notification', ({ payload }) => onText(payload ?? ''))
  // `once` of node:events would reject with an error of the socket, which nobody takes where the connection is refused.
  const { promise: over, resolve } = Promise.withResolvers<unknown>()
  socket.once('close', () => resolve(reason))
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
  } catch (error) {
    drop()
    throw error
  }
  const trying = setInterval(() => {
    client.query('select 1').catch(drop)
  }, tryEveryMs).unref()
  socket.on('close', () => clearInterval(trying))
  return { client, over, drop: () => drop() }
}
