import type { Found, Unusable } from './frame-jobs.ts'
import { unusable } from './frame-jobs.ts'
import { inspectMp4 } from './inspect-mp4.ts'
import { inspectPicture } from './inspect-picture.ts'

const containers = new Map([
  ['video/mp4', 'video/mp4'],
  ['video/x-m4v', 'video/mp4'],
  ['video/quicktime', 'video/quicktime'],
])
const pictures = new Map<string, 'jpeg' | 'png' | 'webp'>([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/webp', 'webp'],
])

/**
 * What a file is by its bytes alone: MP4 or QuickTime with a complete video track, or a whole JPEG, PNG or WebP.
 * Runs in the child process only: a sample table of a hundred bytes can ask a parser for gigabytes.
 */
export async function inspectFile(file: string): Promise<Found | Unusable> {
  const mime = await magic(file)
  const container = mime === null ? undefined : containers.get(mime)
  if (container !== undefined) return inspectMp4(file, container)
  const format = mime === null ? undefined : pictures.get(mime)
  if (mime !== null && format !== undefined) return inspectPicture(file, mime, format)
  return unusable(
    mime === null
      ? 'The file is not a video or picture of a known kind.'
      : `The file is ${mime}, which is not accepted here.`,
  )
}

/** The kind by magic bytes, `video` or `image` only; null for everything else. */
export async function kindOf(file: string): Promise<'video' | 'image' | null> {
  const mime = await magic(file)
  if (mime === null) return null
  if (containers.has(mime)) return 'video'
  return pictures.has(mime) ? 'image' : null
}

async function magic(file: string): Promise<string | null> {
  const { fileTypeFromFile } = await import('file-type')
  try {
    const found = await fileTypeFromFile(file)
    return found?.mime ?? null
  } catch {
    return null
  }
}
