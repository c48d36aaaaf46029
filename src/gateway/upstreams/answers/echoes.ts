import type { CreateRequest } from '../../ports/upstream.ts'

/** Shorter texts occur in other words by chance: a one-letter prompt would remove that letter everywhere. */
const minCharacters = 8

/** Letters of scripts that separate words with spaces. */
const letter = String.raw`[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{N}]`
const endsInWord = new RegExp(`${letter}$`, 'u')
const beginsWithWord = new RegExp(`^${letter}`, 'u')

/** Removes the caller's own texts from a message, where they are repeated in full and not as part of a longer word. */
export function withoutEchoes(message: string, echoes: readonly string[]): string {
  let clean = message
  for (const echo of echoes) {
    const text = echo.trim()
    if (text.length < minCharacters) continue
    clean = clean.replaceAll(text, (found: string, at: number, whole: string) => {
      const before = whole.slice(Math.max(0, at - 2), at)
      const after = whole.slice(at + found.length, at + found.length + 2)
      const goesOn =
        (endsInWord.test(before) && beginsWithWord.test(found)) ||
        (endsInWord.test(found) && beginsWithWord.test(after))
      return goesOn ? found : '…'
    })
  }
  return clean
}

/** The caller's texts that a create sends. */
export function textsOf({ prompt, inputs }: CreateRequest): string[] {
  const negative = inputs?.negativePrompt ?? null
  return negative === null ? [prompt] : [prompt, negative]
}
