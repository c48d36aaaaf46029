import { shareOf } from '../jobs/job.ts'
import type { JobFailure } from '../jobs/job.ts'
import type { Pace } from '../simulated-upstream.ts'
import { characterError } from '../faults/vendor-errors.ts'
import { accepted } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

export interface SimulatedCharacter {
  id: string
  /** How creates refer to it: in the prompt or in a list of ids. Same as `id` if the vendor has no handles. */
  handle: string
  /** The job that creates it, for vendors that create characters by jobs. */
  taskId: string | null
  /** The asset group that it is in, for vendors with asset libraries. */
  groupId: string | null
  name: string
  description: string | null
  /** Its source: a URL, the id of a finished job, or the number of uploaded bytes. */
  source: { type: 'url'; url: string } | { type: 'job'; id: string } | { type: 'upload'; bytes: number }
  /** The requested seconds of the source, or null for all of it. */
  span: { start: number; end: number } | null
  /** Milliseconds since the epoch. */
  createdAt: number
  state: 'pending' | 'ready' | 'failed'
  failure: JobFailure | null
  /** A revoked character still exists, and every create that uses it is rejected. */
  revoked: boolean
}

/** How its creation ends: immediately, after a while, or never. */
export type CharacterFate =
  { type: 'made' } | { type: 'ready' } | { type: 'fails'; failure: JobFailure } | { type: 'sticks' }

export type NewCharacter = Omit<SimulatedCharacter, 'state' | 'failure' | 'revoked'>

/** The characters of one upstream. An id is unknown on any other upstream (docs/vendors/failure-modes.md#foreign-character). */
export interface CharacterBook {
  add(made: NewCharacter, fate: CharacterFate): SimulatedCharacter
  /** By id, handle or job, in its current state. */
  find(name: string): SimulatedCharacter | undefined
  /** Counts as one of the polls that a creation with `{polls}` waits for. */
  poll(character: SimulatedCharacter): void
  /** The progress of its creation, in percent. */
  progress(character: SimulatedCharacter): number
  list(): SimulatedCharacter[]
  /** 400 `cameo_not_found` or `cameo_permission_denied` unless all of them exist, are ready and may be used. */
  admit(names: readonly string[]): Verdict<SimulatedCharacter[]>
  clear(): void
}

interface Entry {
  character: SimulatedCharacter
  fate: CharacterFate
  polls: number
}

/** @param pace how long a creation takes that does not end immediately */
export function createCharacterBook(clock: { now(): number }, pace: Pace): CharacterBook {
  const entries = new Map<string, Entry>()
  const byName = new Map<string, Entry>()

  const share = ({ character, polls }: Entry) =>
    shareOf({ polls, createdAt: character.createdAt }, pace, clock.now())
  const update = (entry: Entry) => {
    const { character, fate } = entry
    if (character.state !== 'pending' || fate.type === 'sticks' || share(entry) < 1) return
    character.state = fate.type === 'fails' ? 'failed' : 'ready'
    character.failure = fate.type === 'fails' ? fate.failure : null
  }
  const find = (name: string) => {
    const entry = byName.get(name)
    if (entry !== undefined) update(entry)
    return entry?.character
  }

  return {
    add(made, fate) {
      const state = fate.type === 'made' ? 'ready' : 'pending'
      const character: SimulatedCharacter = { ...made, state, failure: null, revoked: false }
      const entry = { character, fate, polls: 0 }
      entries.set(character.id, entry)
      for (const name of [made.id, made.handle, made.taskId]) if (name !== null) byName.set(name, entry)
      return character
    },
    find,
    poll(character) {
      const entry = entries.get(character.id)
      if (entry === undefined) return
      entry.polls += 1
      update(entry)
    },
    progress(character) {
      const entry = entries.get(character.id)
      if (entry === undefined || character.state !== 'pending') return 100
      return Math.min(99, Math.floor(100 * share(entry)))
    },
    list() {
      entries.forEach(update)
      return [...entries.values()].map(({ character }) => character)
    },
    admit(names) {
      const cast: SimulatedCharacter[] = []
      for (const name of names) {
        const character = find(name)
        if (character?.state !== 'ready') return { ok: false, error: characterError('cameo_not_found') }
        if (character.revoked) return { ok: false, error: characterError('cameo_permission_denied') }
        cast.push(character)
      }
      return accepted(cast)
    },
    clear() {
      entries.clear()
      byName.clear()
    },
  }
}
