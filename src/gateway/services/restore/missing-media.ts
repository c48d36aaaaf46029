import type { CharacterId, GenerationId } from '../../domain/ids.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { MediaReferences, NamedMedia } from '../../ports/media/media-references.ts'
import type { Hold } from './hold.ts'

/** `not_checked`: nothing is held, and nothing was since this process started. */
export const missingMediaStates = ['not_checked', 'checking', 'checked'] as const

/** Files that records name and the archive does not have. */
export interface MissingMedia {
  state: (typeof missingMediaStates)[number]
  /** All that were found so far. */
  count: number
  /** The first of them. */
  media: NamedMedia[]
}

export interface MissingMediaCheck {
  /** A part of the check, once in every process in which a restore is held; how many records it looked at. */
  round(): Promise<number>
  report(): MissingMedia
}

const mostShown = 100
/** Some milliseconds of reading. */
const recordsPerRead = 100
const readsPerRound = 10

/** Looks for what the records of a restored copy name, in the archive that it was put beside. */
export function createMissingMedia({
  hold,
  references,
  archive,
}: {
  hold: Pick<Hold, 'since'>
  references: Pick<MediaReferences, 'clipsAfter' | 'namedAfter'>
  archive: Pick<MediaArchive, 'size'>
}): MissingMediaCheck {
  let generation: GenerationId | null = null
  let character: CharacterId | null = null
  let stage: 'generations' | 'characters' | 'over' = 'generations'
  let count = 0
  const media: NamedMedia[] = []

  async function look(named: NamedMedia[]): Promise<void> {
    const sizes = await Promise.all(named.map(({ mediaId }) => archive.size(mediaId)))
    const missing = named.filter((_, index) => sizes[index] === null)
    count += missing.length
    media.push(...missing.slice(0, mostShown - media.length))
  }

  async function readGenerations(): Promise<number> {
    const { named, last, read } = await references.namedAfter(generation, recordsPerRead)
    await look(named)
    generation = last
    if (last === null) stage = 'characters'
    return read
  }

  async function readCharacters(): Promise<number> {
    const clips = await references.clipsAfter(character, recordsPerRead)
    await look(
      clips.flatMap(({ character: owner, clip, stills }) => [
        ...(clip === null ? [] : [{ owner, kind: 'clip' as const, mediaId: clip }]),
        ...stills.map((mediaId) => ({ owner, kind: 'still' as const, mediaId })),
      ]),
    )
    character = clips.at(-1)?.character ?? null
    if (character === null) stage = 'over'
    return clips.length
  }

  return {
    async round() {
      if (hold.since() === null) return 0
      let looked = 0
      for (let reads = 0; reads < readsPerRound && stage !== 'over'; reads++)
        looked += stage === 'generations' ? await readGenerations() : await readCharacters()
      return looked
    },
    report() {
      if (stage === 'over') return { state: 'checked', count, media }
      return { state: hold.since() === null ? 'not_checked' : 'checking', count, media }
    },
  }
}
