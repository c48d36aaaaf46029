import { open, type FileHandle } from 'node:fs/promises'
import type { Found, Unusable } from '../frames/frame-jobs.ts'
import { unusable } from '../frames/frame-jobs.ts'

export type PictureFormat = 'jpeg' | 'png' | 'webp'

/** 50 megapixels: more than any reference picture needs, and small enough for a decoder. */
export const maxPixels = 50_000_000

const readBytes = 256 * 1024
/** Encoders use chunks of at least 8 KiB; 50 megapixels have 25,000 of those. */
const maxChunks = 100_000

/** A complete JPEG, PNG or WebP that is not too large. Its pixels are not decoded. */
export async function inspectPicture(
  file: string,
  contentType: string,
  format: PictureFormat,
): Promise<Found | Unusable> {
  const { default: sharp } = await import('sharp')
  let facts: Awaited<ReturnType<ReturnType<typeof sharp>['metadata']>>
  try {
    facts = await sharp(file, { limitInputPixels: maxPixels }).metadata()
  } catch {
    return unusable('The picture cannot be read, or has more than 50 megapixels.')
  }
  if (facts.format !== format) return unusable('The content of the picture does not match its format.')
  if (!(await isWhole(file, format))) return unusable('The picture is truncated: its last lines are missing.')
  const { width, height } = facts.autoOrient
  return { type: 'media', kind: 'image', contentType, width, height, durationSeconds: null }
}

/** WebP decoders compare the declared length with the file themselves. */
async function isWhole(file: string, format: PictureFormat): Promise<boolean> {
  if (format === 'webp') return true
  const handle = await open(file, 'r')
  try {
    return await (format === 'png' ? endsAsPng(handle) : endsAsJpeg(handle))
  } finally {
    await handle.close()
  }
}

/** PNG §5.3: chunks of length, type, data and checksum, up to IEND. */
async function endsAsPng(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  const head = Buffer.alloc(8)
  let position = 8
  for (let chunks = 0; chunks < maxChunks && position + 12 <= size; chunks++) {
    await handle.read(head, 0, 8, position)
    if (head.toString('latin1', 4) === 'IEND') return true
    position += 12 + head.readUInt32BE(0)
  }
  return false
}

/**
 * ITU-T T.81 §B.1: after the start of the first scan, 0xFF is followed by 0 or by a marker, and D9 is the last marker.
 * Segments between scans may contain these two bytes by chance, and thumbnails before the first scan end with them.
 */
async function endsAsJpeg(handle: FileHandle): Promise<boolean> {
  const start = await firstScan(handle)
  if (start === null) return false
  const bytes = Buffer.alloc(readBytes)
  let last = 0
  for (let position = start; ;) {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position)
    if (bytesRead === 0) return false
    if (last === 0xff && bytes[0] === 0xd9) return true
    const at = bytes.indexOf(Buffer.from([0xff, 0xd9]))
    if (at !== -1 && at + 1 < bytesRead) return true
    last = bytes[bytesRead - 1] ?? 0
    position += bytesRead
  }
}

/** Where the pixel data begins: after the first SOS segment. */
async function firstScan(handle: FileHandle): Promise<number | null> {
  const head = Buffer.alloc(4)
  let position = 2
  for (let segments = 0; segments < maxChunks; segments++) {
    const { bytesRead } = await handle.read(head, 0, 4, position)
    if (bytesRead < 4 || head[0] !== 0xff) return null
    const marker = head[1] ?? 0
    if (marker === 0xff) position += 1
    else {
      position += 2 + head.readUInt16BE(2)
      if (marker === 0xda) return position
    }
  }
  return null
}
