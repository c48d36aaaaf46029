const at = '[@\uFF20\uFE6B]'
/** Scripts without spaces between words attach to a name of another script without being a part of it. */
const attaching = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`
const invisible = String.raw`\p{Default_Ignorable_Code_Point}`
const letter = String.raw`[\p{L}--[${invisible}]]`
const inner = String.raw`[[\p{L}\p{M}\p{Nd}_＿]--[${invisible}]]`
export const namePattern = String.raw`(?:(?=[${attaching}])${letter}${inner}*|(?![${attaching}])${letter}(?:(?![${attaching}])${inner})*)`
const token = new RegExp(String.raw`\\(${at})|(?<![\w%+\-])${at}(${namePattern})`, 'gv')
/** The start of a name, or nothing of it yet, before the caret. */
const beforeCaret = new RegExp(String.raw`(?<![\w%+\-\\])${at}(?<typed>(?:${namePattern})?)$`, 'v')

/** A mention at its place in a text: UTF-16 code units, `end` exclusive. `name` is the normal name, or a `char_…` id. */
export interface MentionPlace {
  name: string
  start: number
  end: number
}

export function normalName(written: string): string {
  return written.normalize('NFKC').toLowerCase().normalize('NFKC')
}

/**
 * Every mention of a text, in order. The same rule as the gateway's, which has the last word: `POST /route` says whom a prompt
 * mentions. A test compares the two.
 */
export function mentionPlaces(text: string): MentionPlace[] {
  return [...text.matchAll(token)].flatMap(({ 0: written, 2: name, index }) =>
    name === undefined ? [] : [{ name: normalName(name), start: index, end: index + written.length }],
  )
}

/** A name under the caret: what was typed of it before the caret, and what a choice replaces. */
export interface OpenMention {
  typed: string
  start: number
  end: number
}

/** The name that is being typed at `caret`; null where none is. */
export function openMention(text: string, caret: number): OpenMention | null {
  const found = beforeCaret.exec(text.slice(0, caret))
  if (found === null) return null
  const typed = normalName(found.groups?.['typed'] ?? '')
  // Behind a bare `@`, what follows is text: a name is put before it.
  const whole = typed === '' ? undefined : mentionPlaces(text).find(({ start }) => start === found.index)
  return { typed, start: found.index, end: Math.max(caret, whole?.end ?? caret) }
}

export interface Named {
  name: string
  description: string
}

/** Names that begin with what was typed, then those that have it elsewhere, then by description. At most `most`. */
export function completions<Character extends Named>(
  characters: readonly Character[],
  typed: string,
  most: number,
): Character[] {
  const rank = ({ name, description }: Character): number => {
    if (name.startsWith(typed)) return 0
    if (name.includes(typed)) return 1
    return normalName(description).includes(typed) ? 2 : 3
  }
  return characters
    .map((character) => ({ character, order: rank(character) }))
    .filter(({ order }) => order < 3)
    .toSorted((a, b) => a.order - b.order)
    .slice(0, most)
    .map(({ character }) => character)
}

/** The text with `name` in the place of what was typed, white space behind it, and where the caret goes: after that. */
export function withMention(
  text: string,
  { start, end }: Pick<OpenMention, 'start' | 'end'>,
  name: string,
): { text: string; caret: number } {
  const rest = text.slice(end)
  const gap = /^\s/u.test(rest) ? '' : ' '
  return { text: `${text.slice(0, start)}@${name}${gap}${rest}`, caret: start + name.length + 2 }
}

/** Whether to wait with questions: a name is being typed that is none yet. A complete one can be asked about at once. */
export function isHalfTyped(open: OpenMention | null, isKnown: (name: string) => boolean): boolean {
  return open !== null && !isKnown(open.typed)
}

/** The name that a fault of a prompt is about, and the one that it proposes: `@nobody does not exist, …; did you mean @somebody?`. */
export function faultNames(detail: string): { name: string | null; proposed: string | null } {
  const [first] = mentionPlaces(detail)
  const [, proposed] = /did you mean @([^\s,?;]+)/u.exec(detail) ?? []
  return { name: first?.start === 0 ? first.name : null, proposed: proposed ?? null }
}
