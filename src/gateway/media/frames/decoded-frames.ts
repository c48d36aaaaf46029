import type { VideoSample, VideoSampleSink } from 'mediabunny'
import { maxPixels } from '../inspect/inspect-picture.ts'
import { containerFormats } from '../inspect/video-formats.ts'

/** The shipped types do not know `format` yet; the standard and both libraries do. */
const asRgba: VideoFrameCopyToOptions & { format: 'RGBA' } = { format: 'RGBA' }

export interface Frame {
  rgba: Uint8Array
  codedWidth: number
  codedHeight: number
  /** Degrees clockwise. */
  rotation: number
  /** As shown: turned, with square pixels. */
  width: number
  height: number
}

/**
 * The frames shown at these parts (0 to 1) of a video's length, in their order; null when they cannot be decoded. Throws
 * when there is no decoder on this machine.
 */
export async function framesAt(file: string, parts: readonly number[]): Promise<Frame[] | null> {
  await import('@napi-rs/webcodecs/polyfill')
  const media = await import('mediabunny')
  const input = new media.Input({ source: new media.FilePathSource(file), formats: await containerFormats() })
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) return null
    const pixels = (await track.getCodedWidth()) * (await track.getCodedHeight())
    if (pixels > maxPixels) return null
    const start = await track.getFirstTimestamp()
    const seconds = (await track.computeDuration()) - start
    const sink = new media.VideoSampleSink(track)
    const frames: Frame[] = []
    for (const part of parts) {
      const frame = await frameAt(sink, start + part * seconds)
      if (frame === null) return null
      frames.push(frame)
    }
    return frames
  } catch {
    return null
  } finally {
    input.dispose()
  }
}

async function frameAt(sink: VideoSampleSink, time: number): Promise<Frame | null> {
  const sample: VideoSample | null = await sink.getSample(time)
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
}
