import { setTimeout as pause } from 'node:timers/promises'
import type { Character } from '../domain/character.ts'
import type { Failure } from '../domain/failure.ts'
import type { Json } from '../domain/json.ts'
import type { CharacterOutcome } from '../domain/outcome.ts'
import type { CharacterUse } from '../domain/request.ts'
import type { CharacterStore } from '../ports/character-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { GenerationStore } from '../ports/generation-store.ts'
import type { Upstream } from '../ports/upstream.ts'
import type { MediaSources } from './media-sources.ts'

/** Longer than any upstream's own deadline for making a character, so that a lease outlives the call that it covers. */
const bindingLeaseMs = 120_000
const busyRetryMs = 500
/** For the polls of a character that a vendor makes in a job. */
const makingMs = 60_000

export type Bound =
  | { type: 'ready'; handles: Map<string, string> }
  | { type: 'wait'; until: number }
  | { type: 'failed'; failure: Failure }

export type BindCharacters = (
  upstream: Upstream,
  characters: ReadonlyArray<Pick<CharacterUse, 'id'>>,
  owner: string,
) => Promise<Bound>

/** Makes sure that an upstream knows these characters, making each at most once at a time whoever else needs it too. */
export function createBindCharacters(deps: {
  characters: CharacterStore
  generations: GenerationStore
  mediaSources: MediaSources
  clock: Clock
}): BindCharacters {
  const { characters, generations, mediaSources, clock } = deps

  async function bindOne(upstream: Upstream, character: Character, owner: string): Promise<Bound> {
    const now = clock.now()
    const fence = { characterId: character.id, upstream: upstream.spec.id, owner }
    const claim = await characters.claimBinding({ ...fence, now, leaseUntil: now + bindingLeaseMs })
    switch (claim.type) {
      case 'ready':
        return ready(character.id, claim.binding.handle)
      case 'busy':
        return { type: 'wait', until: Math.min(claim.until, now + busyRetryMs) }
      case 'failed':
        return failed(
          'character_invalid',
          claim.binding.failure ?? 'The upstream did not take this character.',
          true,
        )
      case 'claimed': {
        const outcome = await finished(upstream, await create(upstream, character))
        const result = settlementOf(outcome)
        await characters.settleBinding({ ...fence, now: clock.now(), result })
        return outcome.type === 'ready' ? ready(character.id, outcome.handle) : failureOf(outcome)
      }
    }
  }

  async function create(upstream: Upstream, character: Character): Promise<CharacterOutcome> {
    const clip = await mediaSources(character.clip.mediaId, character.clip.contentType)
    if (clip === null)
      return { type: 'invalid', message: 'The source clip of this character is missing from the archive.' }
    const { name, description } = character
    return upstream.createCharacter({
      name,
      description,
      clip,
      span: { start: 0, end: character.clip.durationSeconds },
      fromJob: await sourceJob(upstream, character),
    })
  }

  /** The job of a character's generation here, unless the character is only a part of what that job shows. */
  async function sourceJob(upstream: Upstream, { source, clip }: Character): Promise<Json> {
    if (source.type !== 'generation') return null
    const generation = (await generations.get(source.generationId))?.generation
    if (generation?.video?.sha256 !== clip.sha256) return null
    const attempt = generation.attempts.find(
      ({ state, upstream: id }) => state === 'succeeded' && id === upstream.spec.id,
    )
    return attempt?.operation ?? null
  }

  return async (upstream, uses, owner) => {
    const handles = new Map<string, string>()
    for (const { id } of uses) {
      const character = await characters.get(id)
      if (character === null)
        return failed('character_invalid', 'A character of this request was deleted.', false)
      const bound = await bindOne(upstream, character, owner)
      if (bound.type !== 'ready') return bound
      for (const [characterId, handle] of bound.handles) handles.set(characterId, handle)
    }
    return { type: 'ready', handles }
  }
}

function ready(characterId: string, handle: string | null): Bound {
  if (handle === null)
    return failed('character_invalid', 'The binding of this character has no handle.', true)
  return { type: 'ready', handles: new Map([[characterId, handle]]) }
}

function failed(
  code: Failure['code'],
  message: string,
  fallback: boolean,
  retryAfterMs: number | null = null,
): Bound {
  return { type: 'failed', failure: { code, message, fallback, retryAfterMs } }
}

type Ended = Exclude<CharacterOutcome, { type: 'pending' }>

/** Waits for a character that is made by a job, while the lease that covers the making lasts. */
async function finished(upstream: Upstream, begun: CharacterOutcome): Promise<Ended> {
  let outcome = begun
  let leftMs = makingMs
  while (outcome.type === 'pending') {
    const waitMs = Math.max(outcome.retryAfterMs ?? 0, upstream.spec.poll.everyMs)
    leftMs -= waitMs
    if (leftMs < 0) return { type: 'unknown', message: 'The upstream is still making this character.' }
    await pause(waitMs)
    outcome = await upstream.pollCharacter(outcome.operation)
  }
  return outcome
}

type Settlement = Parameters<CharacterStore['settleBinding']>[0]['result']

function settlementOf(outcome: Ended): Settlement {
  switch (outcome.type) {
    case 'ready':
      return { state: 'ready', handle: outcome.handle, operation: null }
    case 'refused':
    case 'invalid':
      return { state: 'failed', failure: outcome.message }
    case 'never_sent':
    case 'rejected':
    case 'upstream_down':
    case 'unknown':
      return { state: 'released' }
  }
}

/**
 * A refused character is a refusal: it is not taken to another upstream. After a lost answer this generation does not ask
 * this upstream again: some charge for characters, and one may have been made.
 */
function failureOf(outcome: Exclude<Ended, { type: 'ready' }>): Bound {
  switch (outcome.type) {
    case 'refused':
      return failed('refused', outcome.message, false)
    case 'invalid':
      return failed('character_invalid', outcome.message, true)
    case 'unknown':
      return failed('upstream_down', outcome.message, true)
    case 'never_sent':
      return failed('never_sent', outcome.message, true, outcome.retryAfterMs)
    case 'rejected':
      return failed('overloaded', outcome.message, true, outcome.retryAfterMs)
    case 'upstream_down':
      return failed('upstream_down', outcome.message, true, outcome.retryAfterMs)
  }
}
