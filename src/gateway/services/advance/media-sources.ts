import type { MediaId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'
import type { MediaSource } from '../../ports/upstream.ts'

/** Vendors download while the job waits in their queue. One day covers the slowest that was observed. */
const linkMs = 24 * 3600_000

const extensions = new Map([
  ['video/mp4', 'mp4'],
  ['video/quicktime', 'mov'],
  ['video/webm', 'webm'],
  ['video/x-matroska', 'mkv'],
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['audio/mpeg', 'mp3'],
  ['audio/wav', 'wav'],
  ['audio/mp4', 'm4a'],
])

export type MediaSources = (mediaId: MediaId, contentType: string) => Promise<MediaSource | null>

/** Archive files in the form in which an upstream is given them; null when the file is gone. */
export function createMediaSources(deps: {
  archive: MediaArchive
  links: MediaLinks
  clock: Clock
}): MediaSources {
  const { archive, links, clock } = deps
  return async (mediaId, contentType) => {
    const bytes = await archive.size(mediaId)
    if (bytes === null) return null
    return {
      contentType,
      fileName: `${mediaId}.${extensions.get(contentType) ?? 'bin'}`,
      bytes,
      open: () => archive.read(mediaId, null),
      url: links.sign({ mediaId, contentType }, clock.now() + linkMs),
    }
  }
}
