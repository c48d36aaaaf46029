import type { BindingKey } from '../../ports/characters/character-store.ts'
import type { StepEvidence } from '../operations/evidence.ts'

/** Characters of which it is remembered who waits for them; of one that is forgotten only what others ask about it is not kept. */
const remembered = 10_000

/** For whom a character is made: what is asked about it meanwhile is kept with the attempt that waits for it. */
export interface Waiting {
  /** The last attempt that began to wait for it; null: nobody does any more. */
  note(key: BindingKey, seen: StepEvidence | null): void
  for(key: BindingKey): StepEvidence | null
}

export function createWaiting(): Waiting {
  const attempts = new Map<string, StepEvidence>()

  return {
    note(key, seen) {
      attempts.delete(nameOf(key))
      if (seen !== null) attempts.set(nameOf(key), seen)
      const [oldest] = attempts.keys()
      if (attempts.size > remembered && oldest !== undefined) attempts.delete(oldest)
    },
    for: (key) => attempts.get(nameOf(key)) ?? null,
  }
}

function nameOf({ characterId, upstream }: BindingKey): string {
  return `${characterId} ${upstream}`
}
