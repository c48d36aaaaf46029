import { z } from 'zod'
import { StorageError } from '../engine/storage-error.ts'
import { connect, createPool } from './connection-pool.ts'
import { connectAdvice } from './connect-advice.ts'
import { completeSettings, type PostgresSettings } from './postgres-settings.ts'

const versionRow = z.object({ version: z.string() })
const limitMs = 5000

/** `advice`: what to do; null where waiting may be enough. */
export type PostgresProbe =
  { ok: true; version: string; ms: number } | { ok: false; message: string; advice: string | null }

/** Asks a server for its version, within a few seconds. Neither reads nor changes data. */
export async function probePostgres(settings: PostgresSettings): Promise<PostgresProbe> {
  const begun = performance.now()
  const use = { connections: 1, statementTimeoutMs: limitMs, readOnly: true }
  const pool = createPool(completeSettings(settings), use)
  try {
    const client = await connect(pool)
    try {
      const { rows }: { rows: unknown[] } = await client.query(
        "select current_setting('server_version') as version",
      )
      const { version } = versionRow.parse(rows[0])
      return { ok: true, version, ms: Math.round(performance.now() - begun) }
    } finally {
      client.release(true)
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const advice = connectAdvice(error)
    const isKnown = error instanceof StorageError
    return { ok: false, message: isKnown ? error.message : 'it gave no answer', advice }
  } finally {
    await pool.end()
  }
}
