import type { Client } from '../../domain/accounts/client.ts'
import { isCharacterId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { mentionsOf } from '../../domain/characters/prompt.ts'
import type { CharacterUse } from '../../domain/generation/request.ts'
import { nearest } from '../../domain/near-word.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'

/** Names that a misspelled mention is compared with: the newest. */
const mostCompared = 500

/** The characters that a prompt mentions. A mention that names nobody is a fault, whatever script it is in. */
export async function resolveMentions(
  store: CharacterStore,
  client: Client,
  prompt: string,
): Promise<CharacterUse[]> {
  const uses = new Map<string, CharacterUse>()
  const unknown: string[] = []
  for (const mention of mentionsOf(prompt)) {
    const character = isCharacterId(mention)
      ? await store.get(mention)
      : await store.getByName(client.tenant, mention)
    if (character === null || character.tenant !== client.tenant) unknown.push(mention)
    else {
      const { id, name, description, label } = character
      uses.set(id, { id, name, description, ...(label !== undefined && { label }) })
    }
  }
  if (unknown.length === 0) return [...uses.values()]
  const names = await namesOf(store, client.tenant)
  const faults = unknown.map((mention) => ({
    pointer: '/prompt',
    detail: `@${mention} does not exist, or belongs to another tenant${suggestion(mention, names)}; write \\@ for a literal @`,
  }))
  throw new Problem('character_not_found', 'The prompt mentions a character that does not exist.', { faults })
}

async function namesOf(store: CharacterStore, tenant: string): Promise<string[]> {
  const known = await store.list({ tenant, search: null, before: null, limit: mostCompared })
  return known.map(({ name }) => name)
}

/** A name with a sentence attached to it, as in scripts without spaces, or a slip. */
function suggestion(mention: string, names: readonly string[]): string {
  const [start] = names.filter((name) => mention.startsWith(name)).toSorted((a, b) => b.length - a.length)
  if (start !== undefined) return `; did you mean @${start}, with a space after it?`
  const near = nearest(mention, names)
  return near === undefined ? '' : `; did you mean @${near}?`
}
