import type { CharacterUse } from '../domain/request.ts'
import type { CharacterStore } from '../ports/character-store.ts'

/** Which upstreams know each of these characters already. */
export async function boundUpstreams(
  store: CharacterStore,
  characters: readonly CharacterUse[],
): Promise<(characterId: string) => readonly string[]> {
  const bound = new Map<string, string[]>()
  for (const { id } of characters) {
    const bindings = await store.bindings(id)
    bound.set(
      id,
      bindings.filter(({ state }) => state === 'ready').map(({ upstream }) => upstream),
    )
  }
  return (characterId) => bound.get(characterId) ?? []
}
