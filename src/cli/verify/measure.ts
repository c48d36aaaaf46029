import { ALL_FORMATS, FilePathSource, Input } from 'mediabunny'

/** Seconds and pixels. */
export interface Measured {
  duration: number
  width: number
  height: number
}

/** The length and size of a video file, read from the file; null if it is no video. */
export async function measure(file: string): Promise<Measured | null> {
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS })
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) return null
    const [duration, width, height] = await Promise.all([
      track.computeDuration(),
      track.getDisplayWidth(),
      track.getDisplayHeight(),
    ])
    return { duration, width, height }
  } catch {
    return null
  } finally {
    input.dispose()
  }
}
