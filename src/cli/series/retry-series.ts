import { randomUUID } from 'node:crypto'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { CliError, note } from '../output/terminal.ts'
import type { Terminal } from '../output/terminal.ts'
import type { Series } from '../gateway/shapes.ts'
import { hasEnded } from '../gateway/wait.ts'
import { readSaved, updateSaved } from './saved-series.ts'
import { sendOnce } from './send-once.ts'

/**
 * Retries the failed scenes of an ended series. The idempotency key is saved before the request is sent, so that a run
 * after an interruption does not pay for a second retry.
 */
export async function retrySeries(
  api: Api,
  terminal: Terminal,
  folder: string,
  current: Series,
): Promise<Series> {
  const saved = await readSaved(folder)
  const isPending = saved?.retry_key != null
  if (saved === null || (!isPending && !isRetriable(terminal, current))) return current
  const key = saved.retry_key ?? `cli-${randomUUID()}`
  await updateSaved(folder, { ...saved, retry_key: key })
  try {
    const retried = await sendOnce(api, `/series/${current.id}/retry`, { body: {}, key })
    await updateSaved(folder, { ...saved, retry_key: null })
    return retried
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    await updateSaved(folder, { ...saved, retry_key: null })
    throw new CliError(error.exitCode, `${error.message}\nNothing was sent.`, error)
  }
}

function isRetriable(terminal: Terminal, current: Series): boolean {
  if (hasEnded(current) && current.status !== 'completed') return true
  const why = hasEnded(current) ? 'All scenes are completed' : 'The series has not ended'
  note(terminal, `${why}: nothing to retry.`)
  return false
}
