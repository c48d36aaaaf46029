import { createHash, randomUUID } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Api } from '../../gateway/api.ts'
import type { RootFolder } from './root-folder.ts'
import { ToolError } from '../tool-error.ts'

type Place = Awaited<ReturnType<RootFolder['placeToWrite']>>

interface Wanted {
  id: string
  bytes: number
  /** Of the whole file, in hexadecimal. */
  sha256: string
}

/** The file gets its name once it is complete and is what the gateway says. A file that exists is replaced only with `overwrite`. */
export async function saveVideo(
  api: Api,
  { id, bytes, sha256 }: Wanted,
  { folder, name, exists }: Place,
  overwrite: boolean,
): Promise<string> {
  if (exists && !overwrite) throw taken(name)
  const draft = join(folder, `.understudy-${randomUUID()}.part`)
  const path = join(folder, name)
  // A name that nobody can have linked before: `x` refuses what exists.
  const file = await open(draft, 'wx', 0o644)
  try {
    try {
      const { body } = await api.open(`/generations/${encodeURIComponent(id)}/video`)
      if (body === null || (await copy(body, file, bytes)) !== sha256)
        throw new ToolError(
          'incomplete',
          `The video of ${id} did not arrive whole.`,
          'Call fetch_video again.',
        )
    } finally {
      await file.close()
    }
    if (overwrite) await rename(draft, path)
    else await link(draft, path)
  } catch (error) {
    throw isCode(error, 'EEXIST') ? taken(name) : error
  } finally {
    await rm(draft, { force: true })
  }
  return path
}

/** Returns the SHA-256 of what was copied. Stops after `most` bytes. */
async function copy(
  body: ReadableStream<Uint8Array>,
  file: FileHandle,
  most: number,
): Promise<string | null> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > most) return null
    hash.update(chunk)
    await file.writeFile(chunk)
  }
  return hash.digest('hex')
}

function taken(name: string): ToolError {
  return new ToolError(
    'file_exists',
    `${name} exists already and was kept.`,
    'Use another name, or pass overwrite: true to replace it.',
  )
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
