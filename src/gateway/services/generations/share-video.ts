import type { VideoAsset } from '../../domain/generation/generation.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'

/** As long as resellers' own links live (docs/vendors/resellers.md#lengths-shapes-and-lifetimes). */
const linkMs = 24 * 3600_000

/** A URL at which anybody can download an archived video for a day: clients of resellers send no key with a download. */
export type ShareVideo = (asset: VideoAsset) => string

export function createShareVideo({ links, clock }: { links: MediaLinks; clock: Clock }): ShareVideo {
  return ({ mediaId, contentType }) => links.sign({ mediaId, contentType }, clock.now() + linkMs)
}
