import { isCharacterName, normalName } from '../../domain/characters/character-name.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { CharacterService } from '../../services/characters/characters.ts'

const longest = 40
/** Other systems let many characters have one name; a hundred of one caller's is a mistake of the caller. */
const mostOfOneName = 100

/**
 * Any text as a handle: `Mossy the Cat` is `mossy_the_cat`, `Amélie` is `amelie`, `咖啡女孩` stays. What has no letters is
 * `character`.
 */
export function handleOf(name: string): string {
  const plain = normalName(name.normalize('NFD').replaceAll(latinMarks, '$1'))
    .replaceAll(/[^\p{L}\p{M}\p{Nd}]+/gu, '_')
    .replaceAll(/^[_\p{M}\p{Nd}]+|_+$/gu, '')
  const handle = plain.startsWith('char_') ? plain.slice('char_'.length).replace(/^[_0-9]+/, '') : plain
  const short = cut(handle, longest)
  if (isCharacterName(short)) return short
  // Two scripts that do not make one name: its Latin part says enough.
  const latin = cut(handle.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, ''), longest)
  return isCharacterName(latin) ? latin : 'character'
}

const latinMarks = /(\p{Script=Latin})\p{M}+/gu

function cut(text: string, most: number): string {
  return Array.from(text).slice(0, most).join('')
}

/** A free handle for this name and, where it differs from the name, the name as a label. */
export async function nameAs(
  characters: CharacterService,
  client: Client,
  name: string,
): Promise<{ name: string; label?: string }> {
  const handle = handleOf(name)
  for (let count = 1; count <= mostOfOneName; count++) {
    const suffix = count === 1 ? '' : `_${count}`
    const candidate = `${cut(handle, longest - suffix.length)}${suffix}`
    if (await isFree(characters, client, candidate))
      return { name: candidate, ...(candidate !== name && { label: name }) }
  }
  const detail = `${mostOfOneName} characters are already named ${name}. Choose another name.`
  throw new Problem('validation_failed', detail, { faults: [{ pointer: '/name', detail }] })
}

async function isFree(characters: CharacterService, client: Client, name: string): Promise<boolean> {
  try {
    await characters.get(client, name)
    return false
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return true
    throw error
  }
}
