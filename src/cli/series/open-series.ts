import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { CliError, exitCodes, note } from '../output/terminal.ts'
import type { Terminal } from '../output/terminal.ts'
import { series } from '../gateway/shapes.ts'
import type { Series } from '../gateway/shapes.ts'
import { beginSaved, forgetSaved, readSaved, updateSaved } from './saved-series.ts'
import type { SavedSeries } from './saved-series.ts'
import type { ScenesFile } from './scenes-file.ts'
import { sendOnce } from './send-once.ts'

/** A gateway remembers a key for 24 hours. After that, the same request would create a second series. */
const keyLivesMs = 23 * 3_600_000

/**
 * Opens the series of a folder: the one that an earlier run created, or a new one. The idempotency key is saved before
 * the request is sent, so that the next run continues after an interruption at any point.
 */
export async function openSeries(
  api: Api,
  terminal: Terminal,
  { folder, file, isAnother }: { folder: string; file: ScenesFile; isAnother: boolean },
): Promise<Series> {
  if (isAnother) await leaveEarlier(terminal, folder)
  const about = { gateway: api.url, body_sha256: file.sha256 }
  const found = await readSaved(folder)
  const { saved, isNew } = found === null ? await beginSaved(folder, about) : { saved: found, isNew: false }
  if (!isNew) checkSame(folder, file, api, saved)
  if (saved.series_id !== null) return getSeries(api, folder, saved.series_id)
  if (!isNew && Date.now() - Date.parse(saved.created_at) > keyLivesMs)
    throw new CliError(
      exitCodes.refused,
      `The response to the request of ${saved.created_at} was lost more than 23 hours ago. Look for its series with \`understudy series list\`, or start another one with --new.`,
    )
  const created = await create(api, { folder, file, saved, isNew })
  await updateSaved(folder, { ...saved, series_id: created.id })
  return created
}

async function leaveEarlier(terminal: Terminal, folder: string): Promise<void> {
  // Ignored if damaged: that is one of the reasons to use --new.
  const earlier = await readSaved(folder).catch(() => null)
  if (earlier?.series_id != null)
    note(
      terminal,
      `The earlier series of this folder, ${earlier.series_id}, is left as it is. To cancel it, run \`understudy series cancel ${earlier.series_id}\`.`,
    )
  await forgetSaved(folder)
}

function checkSame(folder: string, file: ScenesFile, { url }: Api, saved: SavedSeries): void {
  const id = saved.series_id ?? 'a series that may have been created'
  const ways = 'Choose another folder with --out, or start another series with --new.'
  if (saved.gateway !== url)
    throw new CliError(
      exitCodes.refused,
      `${folder} belongs to ${id} on ${saved.gateway}, not on ${url}. ${ways}`,
    )
  if (saved.body_sha256 !== file.sha256)
    throw new CliError(
      exitCodes.refused,
      `${file.path} has changed since ${folder} was used for ${id}. ${ways}\nNothing was sent.`,
    )
}

async function getSeries(api: Api, folder: string, id: string): Promise<Series> {
  try {
    return await api.call('GET', `/series/${id}`, series)
  } catch (error) {
    if (!(error instanceof RefusedError) || error.status !== 404) throw error
    throw new CliError(
      exitCodes.refused,
      `The series ${id} of ${folder} no longer exists. Start another one with --new.`,
      error,
    )
  }
}

async function create(
  api: Api,
  { folder, file, saved, isNew }: { folder: string; file: ScenesFile; saved: SavedSeries; isNew: boolean },
): Promise<Series> {
  // Whether an earlier request with this key may have succeeded.
  let isUncertain = !isNew
  try {
    return await sendOnce(api, '/series', {
      body: file.body,
      key: saved.idempotency_key,
      onUncertain: () => {
        isUncertain = true
      },
    })
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    // No series has the key, so the folder can be used for the corrected file.
    if (!isUncertain) await forgetSaved(folder)
    throw withPlaces(error, file)
  }
}

/** Adds the line and column in the file to each fault. */
export function withPlaces(error: RefusedError, { placeOf }: Pick<ScenesFile, 'placeOf'>): CliError {
  const inBody = error.faults.filter(({ pointer }) => !pointer.startsWith('#'))
  if (inBody.length === 0) return error
  const lines = inBody.map(({ pointer, detail }) => `${placeOf(pointer)} ${pointer} ${detail}`)
  return new CliError(error.exitCode, [...lines, ...error.notes, 'Nothing was sent.'].join('\n'), error)
}
