import { Socket } from 'node:net'
import { Client } from 'pg'
import type { ClientConfig } from 'pg'
import { z } from 'zod'

/** By which the sessions of all nodes are found. */
const applicationName = 'understudy-listen'

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

const others = z.array(z.object({ pid: z.number() }))

/** Rejects if it cannot listen within a few seconds. */
export async function openListenSession(
  options: ClientConfig,
  channel: string,
  hears: {
    onText: (text: string) => void
    /** Another session is over: its node may have ended between a commit and its notice. */
    onOtherGone: () => void
  },
): Promise<ListenSession> {
  const socket = new Socket()
  const client = new Client({
    ...options,
    application_name: applicationName,
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
  client.on('notification', ({ payload }) => hears.onText(payload ?? ''))
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
  let known = new Set<number>()
  async function look(): Promise<void> {
    const { rows } = await client.query(
      'select pid from pg_stat_activity where application_name = $1 and datname = current_database()',
      [applicationName],
    )
    const found = new Set(others.parse(rows).map(({ pid }) => pid))
    const isGone = [...known].some((pid) => !found.has(pid))
    known = found
    if (isGone) hears.onOtherGone()
  }
  const trying = setInterval(() => void look().catch(drop), tryEveryMs).unref()
  socket.on('close', () => clearInterval(trying))
  return { client, over, drop: () => drop() }
}
