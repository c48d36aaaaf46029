import type { InputVideoTrack, VideoSample } from 'mediabunny'
import { maxPixels } from '../inspect/inspect-picture.ts'
import { containerFormats } from '../inspect/video-formats.ts'

/** The published types lack `format`; the standard and both libraries have it. */
const asRgba: VideoFrameCopyToOptions & { format: 'RGBA' } = { format: 'RGBA' }

export interface Frame {
  rgba: Uint8Array
  codedWidth: number
  codedHeight: number
  /** Clockwise, in degrees. */
  rotation: number
  /** As displayed: rotated, with square pixels. */
  width: number
  height: number
}

/**
 * The frames at these fractions (0 to 1) of a video's length, in order; null if they cannot be decoded. Throws if this
 * machine has no decoder.
 */
export async function framesAt(file: string, parts: readonly number[]): Promise<Frame[] | null> {
  const frames: Frame[] = []
  const outcome = await eachFrameAt(file, parts, async (frame) => void frames.push(frame))
  return outcome === 'decoded' ? frames : null
}

type Decoding = 'decoded' | 'unusable'

/** The same one after another, so that one frame is in memory at a time. What `look` throws is thrown. */
export async function eachFrameAt(
  file: string,
  parts: readonly number[],
  look: (frame: Frame) => Promise<void>,
): Promise<Decoding> {
  await import('@napi-rs/webcodecs/polyfill')
  const media = await import('mediabunny')
  const input = new media.Input({ source: new media.FilePathSource(file), formats: await containerFormats() })
  try {
    const track = await readable(input.getPrimaryVideoTrack())
    if (track === null) return 'unusable'
    const timing = await readable(timingOf(track))
    if (timing === null) return 'unusable'
    const sink = new media.VideoSampleSink(track)
    const samples = sink.samplesAtTimestamps(parts.map((part) => timing.start + part * timing.seconds))
    const outcome = await lookAtEach(samples, parts.length, look)
    await readable(samples.return(undefined).then(() => null))
    return outcome
  } finally {
    input.dispose()
  }
}

async function lookAtEach(
  samples: AsyncGenerator<VideoSample | null, void>,
  count: number,
  look: (frame: Frame) => Promise<void>,
): Promise<Decoding> {
  for (let left = count; left > 0; left--) {
    const { value: sample } = (await readable(samples.next())) ?? {}
    const frame = sample ? await readable(frameOf(sample)) : null
    if (frame === null) return 'unusable'
    await look(frame)
  }
  return 'decoded'
}

/** Null where it has too many pixels to decode. */
async function timingOf(track: InputVideoTrack): Promise<{ start: number; seconds: number } | null> {
  const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight())
  if (pixels > maxPixels) return null
  const start = await track.getFirstTimestamp()
  return { start, seconds: (await track.computeDuration()) - start }
}

/** A file that cannot be read rejects in many ways. */
async function readable<Value>(work: Promise<Value | null>): Promise<Value | null> {
  try {
    return await work
  } catch {
    return null
  }
}

async function frameOf(sample: VideoSample): Promise<Frame> {
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
}
