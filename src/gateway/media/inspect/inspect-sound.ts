import type { Found, Unusable } from '../frames/frame-jobs.ts'
import { unusable } from '../frames/frame-jobs.ts'
import { isMachineFault } from '../machine-fault.ts'
import { endsInsideFile } from './inspect-video.ts'
import { faultOfBoxes } from './mp4-boxes.ts'
import { openFile, sourceOf } from './open-file.ts'

/** One hour; no vendor accepts more than a minute of audio. */
const maxSeconds = 3600

/** Accepted audio formats by detected MIME type, with the type that they are served as. */
export const keptSounds: ReadonlyMap<string, string> = new Map([
  ['audio/mpeg', 'audio/mpeg'],
  ['audio/wav', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/mp4', 'audio/mp4'],
])

/** A file with an audio track and a duration, whose last samples are really in the file. */
export async function inspectSound(file: string, contentType: string): Promise<Found | Unusable> {
  const fault = faultOf(file, contentType)
  if (fault !== null) return unusable(fault)
  const { Input, MP3, MP4, WAVE } = await import('mediabunny')
  const input = new Input({ source: await sourceOf(file), formats: [MP3, MP4, WAVE] })
  try {
    const track = await input.getPrimaryAudioTrack()
    if (track === null) return unusable('The file has no sound track.')
    const seconds = await track.computeDuration()
    if (!(seconds > 0 && seconds <= maxSeconds))
      return unusable(`The sound is empty or longer than ${maxSeconds} s.`)
    if (!(await endsInsideFile(track, true))) return unusable('The sound is truncated: its end is missing.')
    const durationSeconds = Math.round(seconds * 1000) / 1000
    return { type: 'media', kind: 'audio', contentType, width: 0, height: 0, durationSeconds }
  } catch (error) {
    if (isMachineFault(error)) throw error
    return unusable('The sound cannot be read: its structure is broken.')
  } finally {
    input.dispose()
  }
}

function faultOf(file: string, contentType: string): string | null {
  if (contentType === 'audio/mp4') return faultOfBoxes(file)
  return contentType === 'audio/wav' && isCutShort(file)
    ? 'The sound is truncated: its end is missing.'
    : null
}

/** RIFF declares the length of the file; a file that was streamed while it was recorded declares the maximum. */
function isCutShort(path: string): boolean {
  using file = openFile(path)
  const head = Buffer.alloc(8)
  file.read(head, 0)
  const length = head.readUInt32LE(4)
  return length !== 0xff_ff_ff_ff && length + 8 > file.size
}
