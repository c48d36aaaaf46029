import { isMp4 } from './clip-facts.ts'

/** A source clip larger than this is refused. */
const maxBytes = 50 * 1024 * 1024
const maxMilliseconds = 10_000

/**
 * Fetches a character's source clip as a reseller does: any address, at most 50 MB, at most 10 s.
 * @returns null when there is no MP4 to be had, for whatever reason
 */
export async function fetchClip(url: string, closing: AbortSignal): Promise<Buffer | null> {
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
    const clip = Buffer.concat(chunks)
    return isMp4(clip) ? clip : null
  } catch {
    return null
  }
}
