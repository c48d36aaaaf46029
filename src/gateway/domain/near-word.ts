import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean …?` with the known word that is near, or nothing. */
export function didYouMean(input: unknown, known: readonly string[]): string {
  const near = typeof input === 'string' ? nearest(input, known) : undefined
  return near === undefined ? '' : `; did you mean \`${near}\`?`
}

/** The known word that `word` is probably a slip of: two letters, or a third of them, may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 60) return undefined
  const near = closest(word, known)
  const tolerance = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
  return distance(word, near) <= tolerance ? near : undefined
}
