import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Client, DatabaseError } from 'pg'
import { z } from 'zod'
import { StorageError } from '../engine/storage-error.ts'
import { connectAdvice } from './connect-advice.ts'
import { clientOptions } from './connection-pool.ts'
import { asStorageError } from './postgres-errors.ts'
import type { PostgresSettings } from './postgres-settings.ts'

const limitMs = 5000
/** A notification takes a few milliseconds. */
const heardMs = 2000
/** A standby, which takes neither LISTEN nor NOTIFY. */
const readOnly = '25006'

/** `advice`: what to do; null where the answer itself says it, or waiting may be enough. */
export type ListenProbe =
  | { type: 'heard'; ms: number }
  /** A pooler in transaction mode took the LISTEN, and tells nothing. */
  | { type: 'not_heard' }
  | { type: 'elsewhere' }
  | { type: 'failed'; message: string; advice: string | null }

const place = z.tuple([z.object({ database: z.string(), started: z.string() })])

/** Whether a connection that listens hears what another one tells, within a few seconds. Neither reads nor changes data. */
export async function probeListening(of: {
  listen: PostgresSettings
  notify: PostgresSettings
}): Promise<ListenProbe> {
  await using opened = new AsyncDisposableStack()
  const open = async (settings: PostgresSettings): Promise<Client> => {
    const timeouts = { connectionTimeoutMillis: limitMs, query_timeout: limitMs }
    const client = new Client({ ...clientOptions(settings), ...timeouts })
    client.on('error', () => undefined)
    opened.defer(() => client.end().catch(() => undefined))
    await client.connect()
    return client
  }
  try {
    const [listener, teller] = await Promise.all([open(of.listen), open(of.notify)])
    return await probe(listener, teller)
  } catch (error) {
    const told = asStorageError(error)
    if (!(told instanceof StorageError)) throw error
    return { type: 'failed', message: told.message, advice: adviceOn(error) }
  }
}

function adviceOn(error: unknown): string | null {
  if (error instanceof DatabaseError && error.code === readOnly)
    return 'This is a standby. Set storage.listen_url to the primary.'
  return connectAdvice(error)?.replaceAll('storage.url', 'storage.listen_url') ?? null
}

async function probe(listener: Client, teller: Client): Promise<ListenProbe> {
  if ((await placeOf(listener)) !== (await placeOf(teller))) return { type: 'elsewhere' }
  const channel = `understudy_doctor_${randomUUID()}`
  await listener.query(`listen ${listener.escapeIdentifier(channel)}`)
  const begun = performance.now()
  const heard = once(listener, 'notification', { signal: AbortSignal.timeout(heardMs) })
  // Awaited below, after the call, which may reject first.
  heard.catch(() => undefined)
  await teller.query('select pg_notify($1, $2)', [channel, ''])
  return heard.then(
    () => ({ type: 'heard', ms: Math.round(performance.now() - begun) }),
    () => ({ type: 'not_heard' }),
  )
}

/** The database and the server behind a connection, whatever is in between. */
async function placeOf(client: Client): Promise<string> {
  const { rows } = await client.query(
    'select current_database() as database, pg_postmaster_start_time()::text as started',
  )
  const [{ database, started }] = place.parse(rows)
  return `${started} ${database}`
}
