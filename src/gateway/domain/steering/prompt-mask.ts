const placeholder = '[prompt]'
/** So many letters in a row give a prompt away; of scripts with a word in a letter or two, fewer do. */
const telling = 12
const tellingDense = 6
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u
/** Shorter prompts are a part of other words: they are only looked for as a whole string. */
const shortest = 4

/** The letters and digits of a text, whatever it is encoded in, and where each of them stands. */
interface Letters {
  text: string
  starts: number[]
  ends: number[]
}

/**
 * Takes prompts out of a text. They are compared by their letters alone, so that no escaping (JSON in JSON, percent, HTML), no
 * other spacing and no other case hides one; a part of one counts as well.
 */
export function createPromptMask(prompts: readonly string[]): (text: string) => string {
  const windows = new Map<number, Set<string>>()
  const whole: string[] = []
  for (const prompt of prompts) {
    const letters = lettersOf(prompt).text
    const length = Math.min(letters.length, dense.test(prompt) ? tellingDense : telling)
    if (length < shortest) whole.push(`"${prompt.trim()}"`)
    else addWindows(windows, letters, length)
  }
  return (text) => {
    const letters = lettersOf(text)
    const parts = [...windows].flatMap(([length, known]) => partsIn(letters, length, known))
    let clean = without(text, parts)
    for (const each of whole) clean = clean.replaceAll(each, `"${placeholder}"`)
    return clean
  }
}

function addWindows(windows: Map<number, Set<string>>, letters: string, length: number): void {
  const known = windows.get(length) ?? new Set()
  for (let at = 0; at + length <= letters.length; at += 1) known.add(letters.slice(at, at + length))
  windows.set(length, known)
}

type Part = [start: number, end: number]

function partsIn({ text, starts, ends }: Letters, length: number, known: ReadonlySet<string>): Part[] {
  const parts: Part[] = []
  for (let at = 0; at + length <= text.length; at += 1)
    if (known.has(text.slice(at, at + length))) parts.push([starts[at] ?? 0, ends[at + length - 1] ?? 0])
  return parts
}

function without(text: string, parts: Part[]): string {
  const kept: string[] = []
  let until = 0
  let isOpen = false
  for (const [start, end] of parts.toSorted(([a], [b]) => a - b)) {
    if (!isOpen || start > until) kept.push(text.slice(until, start), placeholder)
    isOpen = true
    until = Math.max(until, end)
  }
  return kept.join('') + text.slice(until)
}

const units =
  /\\+u([0-9a-f]{4})|\\+[nrtbf"'/]?|((?:%[0-9a-f]{2})+)|&(?:#\d{1,6}|[a-z]{2,6});|([\p{L}\p{N}\p{M}])/giu

function lettersOf(text: string): Letters {
  let found = ''
  const starts: number[] = []
  const ends: number[] = []
  for (const match of text.matchAll(units)) {
    const [whole, code, percent, letter] = match
    const said = letter ?? (code === undefined ? decoded(percent) : String.fromCharCode(parseInt(code, 16)))
    const plain = said
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Cs}]/gu, '')
    found += plain
    for (let unit = 0; unit < plain.length; unit += 1) {
      starts.push(match.index)
      ends.push(match.index + whole.length)
    }
  }
  return { text: found, starts, ends }
}

function decoded(percent: string | undefined): string {
  if (percent === undefined) return ''
  try {
    return decodeURIComponent(percent)
  } catch {
    return ''
  }
}
