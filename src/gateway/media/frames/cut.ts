import type { InputVideoTrack } from 'mediabunny'
import type { FrameAnswer } from './frame-jobs.ts'
import { unusable } from './frame-jobs.ts'
import { isMachineFault } from '../machine-fault.ts'
import { containerFormats } from '../inspect/video-formats.ts'

/** Cuts up to this length are built in memory, so that the index comes first and players can start at once. */
const fastStartSeconds = 60

/**
 * Writes the span [start, end) seconds of a video to `output` as MP4. A span that starts on a key frame is copied; any
 * other is re-encoded as H.264, because a copy would include the hidden frames before the span. Audio is kept if MP4
 * and the encoders on this machine allow it, and dropped otherwise.
 */
export async function writeCut(
  file: string,
  output: string,
  span: { start: number; end: number },
): Promise<FrameAnswer> {
  await import('@napi-rs/webcodecs/polyfill')
  const media = await import('mediabunny')
  const input = new media.Input({ source: new media.FilePathSource(file), formats: await containerFormats() })
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) return unusable('The file has no video track.')
    const seconds = await track.computeDuration()
    if (span.start >= seconds) return unusable('The clip is outside the video.')
    const end = Math.min(span.end, seconds)
    const fastStart = end - span.start <= fastStartSeconds ? 'in-memory' : false
    const copies = await startsOnKeyFrame(track, span.start)
    const conversion = await media.Conversion.init({
      input,
      output: new media.Output({
        format: new media.Mp4OutputFormat({ fastStart }),
        target: new media.FilePathTarget(output),
      }),
      tracks: 'primary',
      trim: { start: span.start, end },
      video: copies ? {} : { codec: 'avc', quality: media.QUALITY_HIGH, forceTranscode: true },
      tags: {},
      showWarnings: false,
    })
    const hasVideo = conversion.utilizedTracks.some((each) => each.type === 'video')
    if (!conversion.isValid || !hasVideo) return unusable('The video cannot be decoded.')
    await conversion.execute()
    return { type: 'written' }
  } catch (error) {
    if (isMachineFault(error)) throw error
    return unusable('The video cannot be cut: its frames cannot be decoded.')
  } finally {
    input.dispose()
  }
}

async function startsOnKeyFrame(track: InputVideoTrack, start: number): Promise<boolean> {
  const { EncodedPacketSink } = await import('mediabunny')
  const key = await new EncodedPacketSink(track).getKeyPacket(start, { metadataOnly: true })
  return key !== null && Math.abs(key.timestamp - start) < 0.001
}
