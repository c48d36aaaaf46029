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

function render(
  prompt: string,
  characters: readonly CharacterUse[],
  write: (character: CharacterUse) => string,
): string {
  return parsePrompt(prompt)
    .map((part) => {
      if (part.type === 'text') return part.text
      const character = characters.find(({ id, name }) => id === part.name || name === part.name)
      return character === undefined ? part.written : write(character)
    })
    .join('')
}
