import type { Sharp } from 'sharp'
import { framesAt, type Frame } from './decoded-frames.ts'
import { unusable, type FrameAnswer } from './frame-jobs.ts'

/** Enough frames to see whether a person stays the same, few enough to show side by side. */
export const framesPerStrip = 6
/** The longer side, in pixels. */
const tileSide = 224
const quality = 80

/** Splits a video into equal parts and writes the middle frame of each, side by side, to `output` as WebP. */
export async function writeStrip(file: string, output: string): Promise<FrameAnswer> {
  const parts = Array.from({ length: framesPerStrip }, (_, index) => (index + 0.5) / framesPerStrip)
  const frames = await framesAt(file, parts)
  const [first] = frames ?? []
  if (frames === null || first === undefined) return unusable('The video has no frames that can be decoded.')
  const scale = Math.min(1, tileSide / Math.max(first.width, first.height))
  const width = Math.max(1, Math.round(first.width * scale))
  const height = Math.max(1, Math.round(first.height * scale))
  const { default: sharp } = await import('sharp')
  const tiles = await Promise.all(
    frames.map(async (frame, index) => ({
      input: await tile(sharp, frame, width, height),
      raw: { width, height, channels: 3 as const },
      left: index * width,
      top: 0,
    })),
  )
  const canvas = { width: width * framesPerStrip, height, channels: 3, background: '#000000' } as const
  const bytes = await sharp({ create: canvas }).composite(tiles).webp({ quality }).toBuffer()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(output, bytes, { flag: 'wx', flush: true })
  return { type: 'written' }
}

function tile(
  sharp: (input: Uint8Array, options: object) => Sharp,
  frame: Frame,
  width: number,
  height: number,
): Promise<Buffer> {
  const raw = { width: frame.codedWidth, height: frame.codedHeight, channels: 4 }
  const picture = sharp(frame.rgba, { raw }).rotate(frame.rotation).resize(width, height, { fit: 'fill' })
  return picture.removeAlpha().raw().toBuffer()
}
