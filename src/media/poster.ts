import type { FrameAnswer } from './frame-jobs.ts'
import { unusable } from './frame-jobs.ts'
import { kindOf, maxPixels } from './inspect.ts'

const widest = 640
const quality = 80
/** The shipped types do not know `format` yet; the standard and both libraries do. */
const asRgba: VideoFrameCopyToOptions & { format: 'RGBA' } = { format: 'RGBA' }

/** Writes the first frame of a video, or a picture itself, to `output` as WebP, at most 640 pixels wide. */
export async function writePoster(file: string, output: string): Promise<FrameAnswer> {
  const kind = await kindOf(file)
  if (kind === null) return unusable('The file has no picture.')
  const { default: sharp } = await import('sharp')
  if (kind === 'image') {
    const picture = sharp(file, { limitInputPixels: maxPixels }).autoOrient()
    const bytes = await decoded(
      picture.resize({ width: widest, withoutEnlargement: true }).webp({ quality }).toBuffer(),
    )
    return bytes === null ? unusable('The picture cannot be decoded.') : write(output, bytes)
  }
  const frame = await firstFrame(file)
  if (frame === null) return unusable('The video has no frame that can be decoded.')
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

interface Frame {
  rgba: Uint8Array
  codedWidth: number
  codedHeight: number
  /** Degrees clockwise. */
  rotation: number
  /** As shown: turned, with square pixels. */
  width: number
  height: number
}

/** Null when the file's frames cannot be decoded. Throws when there is no decoder on this machine. */
async function firstFrame(file: string): Promise<Frame | null> {
  await import('@napi-rs/webcodecs/polyfill')
  const { Input, FilePathSource, MP4, QTFF, VideoSampleSink } = await import('mediabunny')
  const input = new Input({ source: new FilePathSource(file), formats: [MP4, QTFF] })
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) return null
    const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight())
    if (pixels > maxPixels) return null
    const sample = await new VideoSampleSink(track).getSample(await track.getFirstTimestamp())
    if (sample === null) return null
    const rgba = new Uint8Array(sample.allocationSize(asRgba))
    await sample.copyTo(rgba, asRgba)
    const { rotation, displayWidth, displayHeight, visibleRect } = sample
    sample.close()
    return {
      rgba,
      codedWidth: visibleRect.width,
      codedHeight: visibleRect.height,
      rotation,
      width: Math.round(displayWidth),
      height: Math.round(displayHeight),
    }
  } catch {
    return null
  } finally {
    input.dispose()
  }
}
