import { chooseStills } from './choose-stills.ts'
import type { SeenFrame } from './choose-stills.ts'
import { eachFrameAt } from './decoded-frames.ts'
import type { Frame } from './decoded-frames.ts'
import { unusable, type FrameAnswer } from './frame-jobs.ts'

/** Frames that are looked at, at even distances: about four a second of the clips that vendors take. */
const looked = 16
/** Of the longer side, in pixels, while sharpness is measured: noise of the camera is gone, a blurred face still is one. */
const measuredSide = 512
/** JPEG, which every vendor takes. */
const quality = 92

/**
 * Writes the sharpest frames of a video that are unlike each other, in full size, to the first of `outputs` as JPEG, best
 * first. Tells how many there are.
 */
export async function writeStills(file: string, outputs: readonly string[]): Promise<FrameAnswer> {
  const parts = Array.from({ length: looked }, (_, index) => (index + 0.5) / looked)
  const seen: SeenFrame[] = []
  const looking = await eachFrameAt(file, parts, async (frame) => void seen.push(await lookAt(frame)))
  if (looking === 'unusable') return unusable('The video has no frames that can be decoded.')
  const left = [...outputs]
  for (const index of chooseStills(seen, outputs.length)) {
    const output = left.shift()
    const writing = await eachFrameAt(file, [parts[index] ?? 0], async (frame) => {
      if (output !== undefined) await write(output, frame)
    })
    if (writing === 'unusable') return unusable('A frame of the video can be decoded only once.')
  }
  return { type: 'stills', count: outputs.length - left.length }
}

async function lookAt(frame: Frame): Promise<SeenFrame> {
  const { default: sharp } = await import('sharp')
  const { default: phash } = await import('sharp-phash')
  const picture = await upright(frame)
  const fitted = {
    width: measuredSide,
    height: measuredSide,
    fit: 'inside',
    withoutEnlargement: true,
  } as const
  const small = await picture.resize(fitted).greyscale().png().toBuffer()
  const { sharpness } = await sharp(small).stats()
  return { sharpness, hash: await phash(small) }
}

async function write(output: string, frame: Frame): Promise<void> {
  const bytes = await (await upright(frame)).jpeg({ quality }).toBuffer()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(output, bytes, { flag: 'wx', flush: true })
}

async function upright({ rgba, codedWidth, codedHeight, rotation, width, height }: Frame) {
  const { default: sharp } = await import('sharp')
  const raw = { width: codedWidth, height: codedHeight, channels: 4 } as const
  const turned = sharp(rgba, { raw }).rotate(rotation).resize(width, height, { fit: 'fill' })
  const pixels = await turned.removeAlpha().raw().toBuffer()
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}
