import { addressEnd } from '../../domain/generation/signed-address.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { VideoLinks } from '../../ports/media/video-links.ts'
import type { GenerationService, OpenVideo, Picture } from './generations.ts'

/** Absolute URLs that need no key, and when they end, in ms since the epoch. */
export interface AddressPair {
  video: string
  thumbnail: string
  expiresAt: number
}

/** What a signed address leads to. */
export type AddressedMedia =
  { part: 'video'; id: GenerationId; video: OpenVideo } | { part: 'thumbnail'; picture: Picture }

/** Addresses at which a page shows a video and its first frame without a key. They end with the generation. */
export interface SignedAddresses {
  /** When addresses made now end; two calls with one answer make the same addresses. */
  end(): number
  of(id: GenerationId): AddressPair
  /**
   * Null for a token that is none of its own or is over, and where the generation was deleted. Throws `video_gone` where its
   * media were removed.
   */
  open(token: string): Promise<AddressedMedia | null>
}

export function createSignedAddresses({
  videoLinks: links,
  store,
  generations,
  clock,
}: {
  videoLinks: VideoLinks
  store: Pick<GenerationStore, 'current'>
  generations: Pick<GenerationService, 'video' | 'thumbnail'>
  clock: Clock
}): SignedAddresses {
  const end = (): number => addressEnd(clock.now())
  return {
    end,
    of(id) {
      const expiresAt = end()
      return {
        video: links.sign({ id, part: 'video' }, expiresAt),
        thumbnail: links.sign({ id, part: 'thumbnail' }, expiresAt),
        expiresAt,
      }
    },
    async open(token) {
      const linked = links.verify(token, clock.now())
      const stored = linked && (await store.current(linked.id))
      if (linked === null || stored === null) return null
      const { id, part } = linked
      const owner = { tenant: stored.generation.tenant }
      if (part === 'thumbnail') return { part, picture: await generations.thumbnail(owner, id) }
      return { part, id, video: await generations.video(owner, id) }
    },
  }
}
