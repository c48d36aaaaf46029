import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { CliError, exitCodes } from '../output/terminal.ts'
import { manifest } from '../gateway/shapes.ts'
import type { Scene, Series } from '../gateway/shapes.ts'
import { passes } from './send-once.ts'

/** Per video. The series is read again between tries. */
const mostTries = 5

/** The videos of a series in a folder. */
export interface Videos {
  /** File names by scene number, of complete videos in the folder. */
  readonly files: ReadonlyMap<number, string>
  /** Why a video is not in the folder, by scene number: the gateway no longer has it, or the download was incomplete. */
  readonly failures: ReadonlyMap<number, string>
  /** Whether every existing video was saved or has failed. */
  areDone(series: Series): boolean
  /** Downloads missing videos one after the other. Throws if the folder cannot be written. */
  save(series: Series): Promise<void>
}

export function createVideos(api: Api, folder: string, onSaved: (name: string) => void): Videos {
  const files = new Map<number, string>()
  const failures = new Map<number, string>()
  const tries = new Map<number, number>()
  const missing = ({ scenes }: Series): Scene[] =>
    scenes.filter(({ video, number }) => video !== null && !files.has(number) && !failures.has(number))

  async function saveOne(scene: Scene, name: string): Promise<void> {
    try {
      const isFetched = await saveVideo(api, scene, join(folder, name))
      files.set(scene.number, name)
      if (isFetched) onSaved(name)
    } catch (error) {
      if (!isOfVideo(error)) throw error
      const made = (tries.get(scene.number) ?? 0) + 1
      tries.set(scene.number, made)
      const isFinal = error instanceof RefusedError && !passes(error)
      if (isFinal || made >= mostTries) failures.set(scene.number, error.message)
    }
  }

  return {
    files,
    failures,
    areDone: (series) => missing(series).length === 0,
    async save(series) {
      const scenes = missing(series)
      if (scenes.length === 0) return
      const names = await namesOf(api, series)
      for (const scene of scenes) {
        const name = names.get(scene.number)
        if (name === undefined) failures.set(scene.number, 'The gateway no longer has the video.')
        else await saveOne(scene, name)
      }
    },
  }
}

async function namesOf(api: Api, { id }: Series): Promise<Map<number, string>> {
  const { scenes } = await api.call('GET', `/series/${id}/manifest`, manifest)
  return new Map(
    scenes.flatMap(({ number, file_name: name }) => (name === null ? [] : [[number, checked(name)]])),
  )
}

/** Rejects names that would leave the folder. */
function checked(name: string): string {
  if (/^[^./\\\p{C}][^/\\\p{C}]*$/u.test(name)) return name
  throw new CliError(
    exitCodes.failed,
    `The gateway names a file ${JSON.stringify(name)}, which is not a file name.`,
  )
}

/** The file gets its name once it is complete. Returns false for a file that exists already, which is kept. */
async function saveVideo(api: Api, scene: Scene, path: string): Promise<boolean> {
  const { id, video, generation_id: generationId } = scene
  if (video === null || generationId === null || (await hashOf(path)) === video.sha256) return false
  const { body } = await api.open(`/generations/${encodeURIComponent(generationId)}/video`)
  if (body === null) throw new CliError(exitCodes.failed, `The video of scene ${id} is empty.`)
  const draft = `${path}.${process.pid}.part`
  const hash = createHash('sha256')
  try {
    await pipeline(
      Readable.fromWeb(body),
      async function* hashed(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          yield chunk
        }
      },
      createWriteStream(draft),
    )
    if (hash.digest('hex') !== video.sha256)
      throw new CliError(exitCodes.failed, `The video of scene ${id} did not arrive whole.`)
    await rename(draft, path)
    return true
  } catch (error) {
    await rm(draft, { force: true })
    throw isOfFile(error) ? new FolderError(path, error) : error
  }
}

/** Ends the run, because the next video would fail too. */
class FolderError extends CliError {
  constructor(path: string, cause: Error & { code: string }) {
    const advice = 'Make space or permit it, then run the same command again.'
    super(exitCodes.failed, `Cannot write ${path} (${cause.code}). ${advice}`, cause)
  }
}

/** Errors that a retry may fix: no response, or an incomplete one. `fetch` throws a TypeError for an interrupted connection. */
function isOfVideo(error: unknown): error is Error {
  return error instanceof TypeError || (error instanceof CliError && !(error instanceof FolderError))
}

/** An error of the file system. */
function isOfFile(error: unknown): error is Error & { code: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && error instanceof Error && 'errno' in error
}

/** Null if the file does not exist. */
async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
    return hash.digest('hex')
  } catch (error) {
    if (isOfFile(error) && error.code === 'ENOENT') return null
    throw isOfFile(error) ? new FolderError(path, error) : error
  }
}
