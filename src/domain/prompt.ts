import type { CharacterUse } from './request.ts'

export type PromptPart = { type: 'text'; text: string } | { type: 'mention'; name: string; written: string }

// A mention starts a word: `bob@example.com` and `a@b` are left alone. `\@` is a literal @ anywhere.
const token = /\\@|(?<![\w%+-])@([a-z][a-z0-9_]*)/gi

/** Splits a prompt into text and mentions (`name` is lower-cased, or a `char_…` id); `\@` becomes a plain `@`. */
export function parsePrompt(prompt: string): PromptPart[] {
  const parts: PromptPart[] = []
  let text = ''
  let end = 0
  for (const match of prompt.matchAll(token)) {
    text += prompt.slice(end, match.index)
    end = match.index + match[0].length
    const name = match[1]
    if (name === undefined) {
      text += '@'
      continue
    }
    if (text !== '') parts.push({ type: 'text', text })
    text = ''
    parts.push({ type: 'mention', name: name.toLowerCase(), written: match[0] })
  }
  text += prompt.slice(end)
  if (text !== '') parts.push({ type: 'text', text })
  return parts
}

/** The distinct names and ids a prompt mentions, in order of appearance. */
export function mentionsOf(prompt: string): string[] {
  return [...new Set(parsePrompt(prompt).flatMap((part) => (part.type === 'mention' ? [part.name] : [])))]
}

/**
 * The prompt for an upstream that knows the characters: every mention becomes what `mention` writes for that character.
 * A mention of nobody in `characters` stays as written.
 */
export function renderNative(
  prompt: string,
  characters: readonly CharacterUse[],
  mention: (character: CharacterUse) => string,
): string {
  return render(prompt, characters, (character) => mention(character))
}

/**
 * The prompt for an upstream that only sees a clip: the first mention of a character carries its description, later ones
 * its name. `shown` is the character whose clip goes along as the reference; the others are described in words alone.
 */
export function renderByReference(
  prompt: string,
  characters: readonly CharacterUse[],
  shown: CharacterUse | undefined,
): string {
  const described = new Set<string>()
  return render(prompt, characters, (character) => {
    const name = character.name.replaceAll('_', ' ')
    if (described.has(character.id)) return name
    described.add(character.id)
    const facts = [
      character.id === shown?.id ? 'as shown in the reference' : '',
      character.description.trim(),
    ].filter((fact) => fact !== '')
    return facts.length === 0 ? name : `${name} (${facts.join(': ')})`
  })
}

/**
 * The prompt for an upstream that reads `@…` itself, as a prompt again: every @ that means none of `characters` stands
 * apart from the word after it. There `\\@amber` would be whoever has that handle, a character of another tenant too.
 */
export function literalsApart(prompt: string, characters: readonly CharacterUse[]): string {
  return parsePrompt(prompt)
    .map((part, index, { length }) => {
      if (part.type === 'mention' && useOf(part.name, characters) !== undefined) return part.written
      const text = part.type === 'text' ? part.text : part.written
      return text
        .replaceAll(index === length - 1 ? beforeWord : beforeWordOrMention, '@ ')
        .replaceAll('@', '\\@')
    })
    .join('')
}

const beforeWord = /(?<![\w%+-])@(?=\S)/g
const beforeWordOrMention = /(?<![\w%+-])@(?=\S|$)/g

function useOf(name: string, characters: readonly CharacterUse[]): CharacterUse | undefined {
  return characters.find((character) => character.id === name || character.name === name)
}

/** Characters as people count them, not UTF-16 units. */
export function promptCharacters(prompt: string): number {
  return Array.from(prompt).length
}

/**
 * How long a prompt is before anything is bound: where its characters are known they count with their own names, for
 * which the upstream's may be longer; where they are shown, with their descriptions.
 */
export function promptLengths(
  prompt: string,
  characters: readonly CharacterUse[],
): { native: number; reference: number } {
  return {
    native: promptCharacters(renderNative(prompt, characters, ({ name }) => name)),
    reference: promptCharacters(renderByReference(prompt, characters, characters[0])),
  }
}

/**
 * A handle that ends in a space needs it to be told from what follows (`@amber.finch.` would be another handle), so a
 * space that follows anyway, and one at the end, are left out.
 */
function render(
  prompt: string,
  characters: readonly CharacterUse[],
  write: (character: CharacterUse) => string,
): string {
  const parts = parsePrompt(prompt)
  return parts
    .map((part, index) => {
      if (part.type === 'text') return part.text
      const character = useOf(part.name, characters)
      if (character === undefined) return part.written
      const written = write(character)
      const next = parts[index + 1]
      const isApart = next === undefined || (next.type === 'text' && /^\s/.test(next.text))
      return isApart && written.endsWith(' ') ? written.slice(0, -1) : written
    })
    .join('')
}
