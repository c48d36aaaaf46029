import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import type { AttemptId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'

export interface FoundAttempt {
  generation: Generation
  version: number
  attempt: Attempt
}

/** An attempt of any tenant, with its generation as it is stored now. */
export async function findAttempt(
  store: GenerationStore & GenerationLedger,
  id: AttemptId,
): Promise<FoundAttempt> {
  const place = await store.placeOf(id)
  const stored = place?.generationId == null ? null : await store.get(place.generationId)
  const attempt = stored?.generation.attempts.find((each) => each.id === id)
  if (stored === null || attempt === undefined) throw noSuchAttempt()
  return { ...stored, attempt }
}

/** That an attempt is not in a state for this; the answer says in which. */
export function inState({ id, state }: Attempt, detail: string): Problem {
  return new Problem('conflict', detail, { extra: { attempt: id, state } })
}

function noSuchAttempt(): Problem {
  const detail = 'No attempt has this id.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}
