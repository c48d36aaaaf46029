import type { InputTrack } from 'mediabunny'
import { faultOfElements } from './ebml-elements.ts'
import type { Found, Unusable } from '../frames/frame-jobs.ts'
import { unusable } from '../frames/frame-jobs.ts'
import { isMachineFault } from '../machine-fault.ts'
import { faultOfBoxes } from './mp4-boxes.ts'
import { sourceOf } from './open-file.ts'
import { containerFormats, isMatroska } from './video-formats.ts'

const maxSeconds = 86_400

/**
 * A file in an accepted container with a video track, dimensions and a duration, whose last samples are really in the
 * file. A download that was cut off inside `mdat`, or before an index at the end, is not usable.
 */
export async function inspectVideo(file: string, contentType: string): Promise<Found | Unusable> {
  const fault = isMatroska(contentType) ? faultOfElements(file) : faultOfBoxes(file)
  if (fault !== null) return unusable(fault)
  const { Input } = await import('mediabunny')
  const input = new Input({ source: await sourceOf(file), formats: await containerFormats() })
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) return unusable('The file has no video track.')
    const seconds = await track.computeDuration()
    const width = Math.round(await track.getDisplayWidth())
    const height = Math.round(await track.getDisplayHeight())
    if (!(seconds > 0 && seconds <= maxSeconds)) return unusable('The video has no usable duration.')
    if (!(width > 0 && height > 0)) return unusable('The video has no usable size.')
    for (const each of await input.getTracks()) {
      if (!(await endsInsideFile(each, each === track))) {
        return unusable('The video is truncated: its last frames are missing.')
      }
    }
    return {
      type: 'media',
      kind: 'video',
      contentType,
      width,
      height,
      durationSeconds: Math.round(seconds * 1000) / 1000,
    }
  } catch (error) {
    if (isMachineFault(error)) throw error
    return unusable('The video cannot be read: its structure is broken.')
  } finally {
    input.dispose()
  }
}

/** mediabunny returns null for a packet whose bytes are past the end of the file. */
export async function endsInsideFile(track: InputTrack, required: boolean): Promise<boolean> {
  const { EncodedPacketSink } = await import('mediabunny')
  const sink = new EncodedPacketSink(track)
  const first = await sink.getFirstPacket({ metadataOnly: true })
  if (first === null) return !required
  const last = await sink.getPacket(Infinity)
  return last !== null && last.byteLength > 0
}
