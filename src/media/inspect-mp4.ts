import type { InputTrack } from 'mediabunny'
import { open, type FileHandle } from 'node:fs/promises'
import type { Found, Unusable } from './frame-jobs.ts'
import { unusable } from './frame-jobs.ts'
import { isMachineTrouble } from './machine-trouble.ts'

/** Fragmented files have two boxes per fragment; this is five hours of one-second fragments. */
const maxBoxes = 40_000
const maxSeconds = 86_400
const essential = new Set(['moov', 'moof', 'mdat'])

/**
 * An MP4 or QuickTime file with a video track, a size and a duration, whose last samples really are in the file: a
 * download that was cut off inside `mdat`, or before the index at the end, is not usable.
 */
export async function inspectMp4(file: string, contentType: string): Promise<Found | Unusable> {
  if (!(await boxesAreWhole(file)))
    return unusable('The video is cut off: the file ends before its data does.')
  const { Input, FilePathSource, MP4, QTFF } = await import('mediabunny')
  const input = new Input({ source: new FilePathSource(file), formats: [MP4, QTFF] })
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
        return unusable('The video is cut off: its last frames are missing.')
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
    if (isMachineTrouble(error)) throw error
    return unusable('The video cannot be read: its structure is broken.')
  } finally {
    input.dispose()
  }
}

/** mediabunny answers null for a packet whose bytes lie past the end of the file. */
async function endsInsideFile(track: InputTrack, required: boolean): Promise<boolean> {
  const { EncodedPacketSink } = await import('mediabunny')
  const sink = new EncodedPacketSink(track)
  const first = await sink.getFirstPacket({ metadataOnly: true })
  if (first === null) return !required
  const last = await sink.getPacket(Infinity)
  return last !== null && last.byteLength > 0
}

/**
 * Whether no index and no media box declares more bytes than the file has. Other boxes may: what some writers leave
 * behind the media data is not worth a paid render.
 */
async function boxesAreWhole(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    let position = 0
    for (let boxes = 0; boxes < maxBoxes && position + 8 <= size; boxes++) {
      const box = await readBox(handle, position)
      if (box === null || box.size === 0) return true
      if (position + box.size > size) return !essential.has(box.name)
      position += box.size
    }
    return true
  } finally {
    await handle.close()
  }
}

/** ISO/IEC 14496-12 §4.2: 32-bit size and name; size 1 means a 64-bit size follows, size 0 means up to the end. */
async function readBox(handle: FileHandle, position: number): Promise<{ name: string; size: number } | null> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, position)
  const name = buffer.toString('latin1', 4, 8)
  const short = buffer.readUInt32BE(0)
  if (short !== 1) return short === 0 || short >= 8 ? { name, size: short } : null
  const long = bytesRead === 16 ? Number(buffer.readBigUInt64BE(8)) : 0
  return long >= 16 ? { name, size: long } : null
}
