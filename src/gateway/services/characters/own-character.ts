import { characterNameRule, isCharacterName } from '../../domain/characters/character-name.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { isCharacterId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'

/** The character by ID or name. Throws `not_found`, also for one of another tenant. */
export async function ownCharacter(
  { characters }: { characters: Pick<CharacterStore, 'get' | 'getByName'> },
  client: Client,
  idOrName: string,
): Promise<Character> {
  const character = isCharacterId(idOrName)
    ? await characters.get(idOrName)
    : await characters.getByName(client.tenant, idOrName)
  if (character === null || character.tenant !== client.tenant) throw notFound()
  return character
}

export function notFound(): Problem {
  const detail = 'The character does not exist, or belongs to another tenant.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

export function checkName(name: string): void {
  if (isCharacterName(name)) return
  throw faulty('validation_failed', '/name', `The name ${characterNameRule}.`)
}

export function taken(name: string): Problem {
  return faulty('name_taken', '/name', `A character named ${name} already exists. Choose another name.`)
}

export function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, detail, { faults: [{ pointer, detail }] })
}
