import type { Account } from '../../domain/attempts/account.ts'
import { isMadeFor } from '../../domain/characters/binding-steps.ts'
import type { Binding } from '../../domain/characters/binding.ts'
import type { CharacterUse } from '../../domain/generation/request.ts'
import type { RouteRequest } from '../../domain/routing/route-request.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'

type Availability = RouteRequest['characters'][number]

/** How each of these characters stands with the upstreams now. What another account made, or refused, says nothing here. */
export async function characterAvailability(
  store: Pick<CharacterStore, 'get' | 'bindings'>,
  characters: ReadonlyArray<Pick<CharacterUse, 'id'>>,
  accountOf: (upstream: string) => Account | undefined,
  now: number,
): Promise<(characterId: string) => Availability> {
  const found = new Map<string, Availability>()
  for (const { id } of characters) {
    const bindings = (await store.bindings(id)).filter((binding) => {
      const here = accountOf(binding.upstream)
      return here !== undefined && isMadeFor(binding, here)
    })
    const clip = (await store.get(id))?.clip
    const clipSeconds = clip?.durationSeconds
    found.set(id, {
      boundOn: bindings.filter(({ state }) => state === 'ready').map(({ upstream }) => upstream),
      failedOn: bindings.flatMap((binding) => failureOn(binding, now)),
      ...(clip === null && { withoutClip: true }),
      ...(clipSeconds !== undefined && { clipSeconds }),
    })
  }
  return (characterId) => found.get(characterId) ?? { boundOn: [], failedOn: [] }
}

/**
 * Rejections that a further attempt would only repeat. Refusals are not included: they must end the generation instead of
 * changing its plan.
 */
function failureOn({ upstream, failure }: Binding, now: number): Availability['failedOn'] {
  if (failure === null) return []
  const { code, message, retryAt } = failure
  if (code === 'character_invalid') return [{ upstream, reason: message }]
  const isHeld = code === 'outcome_unknown' && (retryAt === null || retryAt > now)
  return isHeld ? [{ upstream, reason: `it is unknown whether the upstream created it. ${message}` }] : []
}
