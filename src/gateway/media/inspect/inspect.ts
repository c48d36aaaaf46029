import type { Found, UnsupportedMedia, Unusable } from '../frames/frame-jobs.ts'
import { unusable } from '../frames/frame-jobs.ts'
import { inspectPicture } from './inspect-picture.ts'
import { inspectSound, keptSounds } from './inspect-sound.ts'
import { inspectVideo } from './inspect-video.ts'
import { openFile } from './open-file.ts'
import { isUnkeptMedia, keptContainers } from './video-formats.ts'
import type { MediaKind } from '../../domain/media-kind.ts'
import type { PictureFormat } from './inspect-picture.ts'

/** What file-type looks at before it follows a file's own structure. */
const headBytes = 4100

const pictures = new Map<string, PictureFormat>([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/webp', 'webp'],
])

/**
 * Detects a file by its bytes alone: MP4, QuickTime, WebM or Matroska with a complete video track, a complete JPEG, PNG
 * or WebP, or complete audio in MP3, WAV or M4A. Other video formats are `unsupported`. Runs in the child process only:
 * a sample table of a hundred bytes can make a parser allocate gigabytes.
 */
export async function inspectFile(file: string): Promise<Found | Unusable | UnsupportedMedia> {
  const mime = (await containerMagic(file)) ?? (await magic(file))
  const container = mime === null ? undefined : keptContainers.get(mime)
  if (container !== undefined) return inspectVideo(file, container)
  const format = mime === null ? undefined : pictures.get(mime)
  if (mime !== null && format !== undefined) return inspectPicture(file, mime, format)
  const sound = mime === null ? undefined : keptSounds.get(mime)
  if (sound !== undefined) return inspectSound(file, sound)
  if (mime === null) return unusable('The file is not a supported video, image or sound.')
  const message = `The file is ${mime}, which is not accepted here.`
  return isUnkeptMedia(mime) ? { type: 'unsupported', message } : unusable(message)
}

/** The kind by magic bytes, `video` or `image` only; null for everything else. */
export async function mediaKindOf(file: string): Promise<MediaKind | null> {
  const mime = await magic(file)
  if (mime === null) return null
  if (keptContainers.has(mime)) return 'video'
  return pictures.has(mime) ? 'image' : null
}

/** By magic bytes: what a file of an archive is served as. */
export async function contentTypeOf(file: string): Promise<string> {
  const mime = await magic(file)
  if (mime === null) return 'application/octet-stream'
  return keptContainers.get(mime) ?? keptSounds.get(mime) ?? mime
}

/** As `magic`, for the containers of videos alone, which their first bytes tell; null for everything else. */
async function containerMagic(path: string): Promise<string | null> {
  const { fileTypeFromBuffer } = await import('file-type')
  using file = openFile(path)
  const head = Buffer.alloc(Math.min(headBytes, file.size))
  const found = await fileTypeFromBuffer(head.subarray(0, file.read(head, 0))).catch(() => undefined)
  return found !== undefined && keptContainers.has(found.mime) ? found.mime : null
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
