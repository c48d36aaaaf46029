import type { Character } from '../../../domain/characters/character.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import { isCharacterId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import { anyAt, mentionsOf, parsePrompt } from '../../../domain/characters/prompt.ts'
import type { GenerationRequest } from '../../../domain/generation/request.ts'
import type { CharacterService } from '../../../services/characters/characters.ts'

/**
 * What a character is called in a prompt of the OpenAI protocol: its name, verbatim
 * (docs/vendors/openai-videos.md#characters).
 */
export function labelOf({ label, name }: Pick<Character, 'label' | 'name'>): string {
  return label ?? name
}

/**
 * A prompt of the OpenAI protocol as one of ours: the names of the characters that `ids` list become mentions. An @ that
 * mentions one of the caller's characters does so here too; any other is only an @, as it is there.
 */
export async function toOurPrompt(
  characters: CharacterService,
  client: Client,
  { prompt, ids }: { prompt: string; ids: readonly string[] },
): Promise<string> {
  const mentioned = new Map<string, Character>()
  for (const mention of mentionsOf(prompt)) {
    const character = await find(characters, client, mention)
    if (character !== null) mentioned.set(mention, character)
  }
  const isMentioned = (id: string) => [...mentioned.values()].some((character) => character.id === id)
  const named = new Map<string, Character>()
  for (const id of ids) {
    const character = isCharacterId(id) ? await find(characters, client, id) : null
    if (character === null) throw fault(`Character with id '${id}' not found.`)
    if (!isMentioned(id)) named.set(labelOf(character).toLowerCase(), character)
  }

  const used = new Set<string>()
  const ours = parsePrompt(prompt)
    .map((part) => {
      if (part.type === 'text') return nameInText(part.text, named, used)
      return mentioned.has(part.name) ? part.written : escapeAt(part.written)
    })
    .join('')
  for (const character of named.values()) {
    if (!used.has(character.id))
      throw fault(`The prompt must mention the character '${labelOf(character)}' by name.`)
  }
  return ours
}

/** The prompt as its caller wrote it. */
export function toTheirPrompt({
  prompt,
  characters,
}: Pick<GenerationRequest, 'prompt' | 'characters'>): string {
  return parsePrompt(prompt)
    .map((part) => {
      if (part.type === 'text') return part.text
      const character = characters.find(({ id }) => id === part.name)
      return character === undefined ? part.written : labelOf(character)
    })
    .join('')
}

/** Mentions instead of names that stand as words of their own; longer names first, so that none is cut in two. */
function nameInText(text: string, named: ReadonlyMap<string, Character>, used: Set<string>): string {
  if (named.size === 0) return escapeAt(text)
  const names = [...named.keys()].toSorted((a, b) => b.length - a.length).map(escapePattern)
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_%+\\\\-])(?:${names.join('|')})(?![\\p{L}\\p{N}_])`, 'giu')
  let ours = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    const character = named.get(match[0].toLowerCase())
    if (character === undefined) continue
    ours += `${escapeAt(text.slice(end, match.index))}@${character.id}`
    end = match.index + match[0].length
    used.add(character.id)
  }
  return ours + escapeAt(text.slice(end))
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

function escapeAt(text: string): string {
  return text.replaceAll(anyAt, String.raw`\$&`)
}

async function find(characters: CharacterService, client: Client, name: string): Promise<Character | null> {
  try {
    return (await characters.get(client, name)).character
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return null
    throw error
  }
}

function fault(detail: string): Problem {
  return new Problem('validation_failed', detail, { faults: [{ pointer: '/characters', detail }] })
}
