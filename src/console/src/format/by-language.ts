/** One formatter for each language, made at its first use: to make one takes longer than to format a hundred numbers. */
export function byLanguage<Format>(make: (language: string) => Format): (language: string) => Format {
  const made = new Map<string, Format>()
  return (language) => {
    const known = made.get(language)
    if (known !== undefined) return known
    const format = make(language)
    made.set(language, format)
    return format
  }
}
