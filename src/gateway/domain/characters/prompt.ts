import { namePattern, normalName } from './character-name.ts'
import type { CharacterUse } from '../generation/request.ts'

export type PromptPart = { type: 'text'; text: string } | { type: 'mention'; name: string; written: string }

/** What is an @, or becomes one under NFKC: full-width and small. */
const at = '[@\uFF20\uFE6B]'

// A mention starts a word: `bob@example.com` and `a@b` are left alone. `\@` is a literal @ anywhere.
const token = new RegExp(String.raw`\\(${at})|(?<![\w%+\-])${at}(${namePattern})`, 'gv')

/** Searched for one by one: that takes a prompt of a thousand characters a hundredth of the time of an expression. */
function hasAt(prompt: string): boolean {
  return prompt.includes('@') || prompt.includes('\uFF20') || prompt.includes('\uFE6B')
}

/** Splits a prompt into text and mentions (`name` is the normal name, or a `char_…` id); `\@` becomes a plain `@`. */
export function parsePrompt(prompt: string): PromptPart[] {
  const parts: PromptPart[] = []
  if (!hasAt(prompt)) return prompt === '' ? parts : [{ type: 'text', text: prompt }]
  let text = ''
  let end = 0
  for (const match of prompt.matchAll(token)) {
    text += prompt.slice(end, match.index)
    end = match.index + match[0].length
    const [written, literal, name] = match
    if (name === undefined) {
      text += literal ?? ''
      continue
    }
    if (text !== '') parts.push({ type: 'text', text })
    text = ''
    parts.push({ type: 'mention', name: normalName(name), written })
  }
  text += prompt.slice(end)
  if (text !== '') parts.push({ type: 'text', text })
  return parts
}

/** A mention at its place in a prompt: UTF-16 code units, `end` exclusive. `name` is the normal name, or a `char_…` id. */
export interface MentionPlace {
  name: string
  start: number
  end: number
}

/** Every mention of a prompt, in order. */
export function mentionPlaces(prompt: string): MentionPlace[] {
  return [...prompt.matchAll(token)].flatMap(({ 0: written, 2: name, index }) =>
    name === undefined ? [] : [{ name: normalName(name), start: index, end: index + written.length }],
  )
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
  return renderDescribed(prompt, characters, ({ id }) =>
    id === shown?.id ? 'as shown in the reference' : '',
  )
}

/**
 * The prompt for an upstream that receives images of the characters. The first mention of a character includes its
 * description and says which of the reference images show it. `images`: their positions from 1, by the id of the character.
 * `mention`: how the upstream names an image; absent: in words.
 */
export function renderByImages(
  prompt: string,
  characters: readonly CharacterUse[],
  images: ReadonlyMap<string, readonly number[]>,
  mention?: (position: number) => string,
): string {
  return renderDescribed(prompt, characters, ({ id }) => {
    const positions = images.get(id) ?? []
    if (positions.length === 0) return ''
    if (mention !== undefined) return `as shown in ${listed(positions.map(mention))}`
    return `as shown in reference ${positions.length === 1 ? 'image' : 'images'} ${listed(positions.map(String))}`
  })
}

/** `1, 2 and 3`. */
function listed(names: readonly string[]): string {
  const others = names.slice(0, -1).join(', ')
  return others === '' ? (names[0] ?? '') : `${others} and ${names.at(-1)}`
}

function renderDescribed(
  prompt: string,
  characters: readonly CharacterUse[],
  shownAs: (character: CharacterUse) => string,
): string {
  const described = new Set<string>()
  return render(prompt, characters, (character) => {
    const name = character.name.replaceAll('_', ' ')
    if (described.has(character.id)) return name
    described.add(character.id)
    const facts = [shownAs(character), character.description.trim()].filter((fact) => fact !== '')
    return facts.length === 0 ? name : `${name} (${facts.join(': ')})`
  })
}

/**
 * The prompt for an upstream that reads `@…` itself, as a prompt again: every @ that means none of `characters` stands
 * apart from what follows it, wherever it stands itself. There `\\@amber` would be whoever has that handle, a character of
 * another tenant too, and so would `-@amber` or `\uFF20amber` where the vendor reads those.
 */
export function literalsApart(prompt: string, characters: readonly CharacterUse[]): string {
  return parsePrompt(prompt)
    .map((part, index, { length }) => {
      if (part.type === 'mention' && useOf(part.name, characters) !== undefined) return part.written
      const text = part.type === 'text' ? part.text : part.written
      const apart = atsApart(text)
      const isLast = index === length - 1
      return (isLast ? apart : apart.replace(atAtEnd, '$& ')).replaceAll(anyAt, String.raw`\$&`)
    })
    .join('')
}

/** Text in which no @ of any form stands directly before anything: a space that everybody sees is between them. */
export function atsApart(text: string): string {
  return text.replaceAll(atBeforeAny, '$& ')
}

/** Every form of @ that stands for one. */
export const anyAt = new RegExp(at, 'gv')
// Only spaces that vendors keep: some drop a no-break space or a byte order mark.
const atBeforeAny = new RegExp(String.raw`${at}(?=[^ \t\r\n])`, 'gv')
const atAtEnd = new RegExp(`${at}$`, 'v')

function useOf(name: string, characters: readonly CharacterUse[]): CharacterUse | undefined {
  return characters.find((character) => character.id === name || character.name === name)
}

/** Two UTF-16 units that are one character. */
const pairs = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g

/** Characters as people count them, not UTF-16 units. */
export function promptCharacters(prompt: string): number {
  return prompt.length - (prompt.match(pairs)?.length ?? 0)
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
      const isApart = next === undefined || (next.type === 'text' && /^[ \t\r\n]/.test(next.text))
      return isApart && written.endsWith(' ') ? written.slice(0, -1) : written
    })
    .join('')
}
