import { isMp4, mp4Seconds, pictureSize } from './clip-facts.ts'
import type { Reference } from '../jobs/job.ts'

/** A source larger than this is refused. */
const maxBytes = 50 * 1024 * 1024
const maxMilliseconds = 10_000

/**
 * Fetches what a caller has named as a reseller does: any address, at most 50 MB, at most 10 s. Data URLs and bare base64,
 * which several vendors take in the same field, are read as well.
 * @returns null when there is nothing to be had, for whatever reason
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

/** A character's source clip, and how long it is (null when that cannot be read); null when there is no MP4 to be had. */
export async function fetchClip(
  url: string,
  closing: AbortSignal,
): Promise<{ bytes: number; seconds: number | null } | null> {
  const clip = await fetchBytes(url, closing)
  if (clip === null || !isMp4(clip)) return null
  return { bytes: clip.length, seconds: await mp4Seconds(clip) }
}

/** A reference that was named by URL or sent as base64; null when it is neither a picture nor an MP4. */
export async function fetchReference(url: string, closing: AbortSignal): Promise<Reference | null> {
  const media = await fetchBytes(url, closing)
  if (media === null) return null
  if (isMp4(media)) return { kind: 'video', bytes: media.length }
  return (await pictureSize(media)) === null ? null : { kind: 'image', bytes: media.length }
}

/** How many bytes of sound are at an address; null when it is no WAV, MP3, Ogg, FLAC or MP4. */
export async function fetchSound(url: string, closing: AbortSignal): Promise<number | null> {
  const media = await fetchBytes(url, closing)
  if (media === null) return null
  const head = media.subarray(0, 4).toString('latin1')
  const isSound = /^(RIFF|ID3|OggS|fLaC|\xff[\xe0-\xff])/.test(head) || isMp4(media)
  return isSound ? media.length : null
}
