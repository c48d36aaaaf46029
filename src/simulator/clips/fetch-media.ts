import { isMp4, mp4Seconds, pictureSize } from './clip-facts.ts'
import type { Reference } from '../jobs/job.ts'

/** Larger sources are rejected. */
const maxBytes = 50 * 1024 * 1024
const maxMilliseconds = 10_000

/**
 * Fetches a caller's URL like a reseller does: any address, at most 50 MB, at most 10 s. Also reads data URLs and bare
 * base64, which several vendors accept in the same field.
 * @returns null if it cannot be fetched, for any reason
 */
async function fetchBytes(url: string, closing: AbortSignal): Promise<Buffer | null> {
  const [, inline] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? []
  if (inline !== undefined) return Buffer.from(inline, 'base64')
  if (!/^https?:\/\//.test(url)) return /^[\w+/]{64,}={0,2}$/.test(url) ? Buffer.from(url, 'base64') : null
  const signal = AbortSignal.any([closing, AbortSignal.timeout(maxMilliseconds)])
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || response.body === null) return null
    const body: AsyncIterable<Uint8Array> = response.body
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > maxBytes) return null
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return null
  }
}

/** The source clip of a character with its length (null if unknown); null if there is no MP4. */
export async function fetchClip(
  url: string,
  closing: AbortSignal,
): Promise<{ bytes: number; seconds: number | null } | null> {
  const clip = await fetchBytes(url, closing)
  if (clip === null || !isMp4(clip)) return null
  return { bytes: clip.length, seconds: await mp4Seconds(clip) }
}

/** A reference given as URL or base64; null if it is neither a picture nor an MP4. */
export async function fetchReference(url: string, closing: AbortSignal): Promise<Reference | null> {
  const media = await fetchBytes(url, closing)
  if (media === null) return null
  if (isMp4(media)) return { kind: 'video', bytes: media.length }
  return (await pictureSize(media)) === null ? null : { kind: 'image', bytes: media.length }
}

/** The number of bytes of an audio file; null if it is not WAV, MP3, Ogg, FLAC or MP4. */
export async function fetchSound(url: string, closing: AbortSignal): Promise<number | null> {
  const media = await fetchBytes(url, closing)
  if (media === null) return null
  const head = media.subarray(0, 4).toString('latin1')
  const isSound = /^(RIFF|ID3|OggS|fLaC|\xff[\xe0-\xff])/.test(head) || isMp4(media)
  return isSound ? media.length : null
}
