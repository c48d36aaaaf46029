import type { Generation } from '../domain/generation/generation.ts'
import type { GenerationId } from '../domain/ids.ts'
import type { FindPlace, WorkPlace } from '../ports/generations/work-place.ts'

/** A slot, and a lease that begins now. */
export interface TakenUp {
  owner: string
  until: number
  /** Begins the work; the slot is given back at its end. */
  begin(generation: Generation): Promise<void>
  /** Gives the slot back: there is no work. */
  leave(): void
}

interface FirstPlacesDeps {
  /** Null unless a worker is free and nothing that is due would come first. */
  takeUp: (generation: Generation) => TakenUp | null
  /** False once nothing may begin any more. */
  isOpen: () => boolean
  /** Gives a lease back. Does not reject. */
  release: (id: GenerationId) => Promise<void>
  nudge: () => void
}

/** Has free workers take up new generations as they are stored, in the order in which they come. */
export function createFirstPlaces({ takeUp, isOpen, release, nudge }: FirstPlacesDeps): FindPlace {
  /** How many are being stored that have to be claimed. What comes after them does not overtake them. */
  let toBeClaimed = 0

  function claimedLater(): WorkPlace {
    toBeClaimed += 1
    return {
      lease: undefined,
      end(isStored) {
        toBeClaimed -= 1
        if (isStored) nudge()
        return Promise.resolve()
      },
    }
  }

  function withWorker(id: GenerationId, taken: TakenUp, isSelfContained: boolean): WorkPlace {
    const { owner, until } = taken
    let generation: Generation | null = null
    let state: 'open' | 'begun' | 'over' = 'open'
    const begin = (stored: Generation): void => {
      state = 'begun'
      void taken.begin(stored).finally(() => {
        state = 'over'
      })
    }
    return {
      lease: {
        owner,
        until,
        storing(stored) {
          generation = stored
          if (isSelfContained && state === 'open') begin(stored)
        },
      },
      async end(isStored) {
        if (state === 'begun') return
        if (state === 'open' && isStored && generation !== null && isOpen()) return begin(generation)
        if (state === 'open') taken.leave()
        if (!isStored) return
        // The work came before what it is about, and found nothing; or nothing may begin any more.
        await release(id)
        nudge()
      },
    }
  }

  return (generation, isSelfContained) => {
    const taken = toBeClaimed === 0 ? takeUp(generation) : null
    return taken === null ? claimedLater() : withWorker(generation.id, taken, isSelfContained)
  }
}
