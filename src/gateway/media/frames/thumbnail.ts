import { framesAt } from './decoded-frames.ts'
import type { FrameAnswer } from './frame-jobs.ts'
import { unusable } from './frame-jobs.ts'
import { mediaKindOf } from '../inspect/inspect.ts'
import { maxPixels } from '../inspect/inspect-picture.ts'

const widest = 640
const quality = 80

/** Writes the first frame of a video, or a picture itself, to `output` as WebP, at most 640 pixels wide. */
export async function writeThumbnail(file: string, output: string): Promise<FrameAnswer> {
  const kind = await mediaKindOf(file)
  if (kind === null) return unusable('The file has no picture.')
  const { default: sharp } = await import('sharp')
  if (kind === 'image') {
    const picture = sharp(file, { limitInputPixels: maxPixels }).autoOrient()
    const bytes = await decoded(
      picture.resize({ width: widest, withoutEnlargement: true }).webp({ quality }).toBuffer(),
    )
    return bytes === null ? unusable('The picture cannot be decoded.') : write(output, bytes)
  }
  const [frame] = (await framesAt(file, [0])) ?? []
  if (frame === undefined) return unusable('The video has no frame that can be decoded.')
  const width = Math.min(widest, frame.width)
  const height = Math.max(1, Math.round((frame.height * width) / frame.width))
  const raw = { width: frame.codedWidth, height: frame.codedHeight, channels: 4 } as const
  const picture = sharp(frame.rgba, { raw }).rotate(frame.rotation).resize(width, height, { fit: 'fill' })
  return write(output, await picture.removeAlpha().webp({ quality }).toBuffer())
}

async function decoded(pixels: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await pixels
  } catch {
    return null
  }
}

async function write(output: string, bytes: Buffer): Promise<FrameAnswer> {
  const { writeFile } = await import('node:fs/promises')
  await writeFile(output, bytes, { flag: 'wx', flush: true })
  return { type: 'written' }
}
