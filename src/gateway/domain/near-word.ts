import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean …?` with the closest known word, or an empty string. */
export function didYouMean(input: unknown, known: readonly string[]): string {
  const near = typeof input === 'string' ? nearest(input, known) : undefined
  return near === undefined ? '' : `; did you mean \`${near}\`?`
}

/** The known word that `word` is probably a typo of. Two letters, or a third of them, may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 60) return undefined
  const near = closest(word, known)
  const tolerance = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
  return distance(word, near) <= tolerance ? near : undefined
}
