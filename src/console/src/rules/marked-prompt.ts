/** A part of a prompt; `name` is set where it mentions a character. */
export interface PromptPart {
  text: string
  name: string | null
}

/** `\@` is a literal @; a name is letters of any script, digits, `_` and `-`. */
const mention = /(?<!\\)@([\p{L}\p{M}\p{N}_-]+)/gu

/** The prompt cut at the mentions of these characters (by name, or by id); the parts together are the prompt. */
export function markedPrompt(
  prompt: string,
  characters: ReadonlyArray<{ id: string; name: string }>,
): PromptPart[] {
  const known = new Map(
    characters.flatMap(
      ({ id, name }) =>
        [
          [id, name],
          [name, name],
        ] as const,
    ),
  )
  const parts: PromptPart[] = []
  let done = 0
  for (const match of prompt.matchAll(mention)) {
    const name = known.get((match[1] ?? '').normalize('NFKC'))
    if (name === undefined) continue
    if (match.index > done) parts.push({ text: prompt.slice(done, match.index), name: null })
    done = match.index + match[0].length
    parts.push({ text: match[0], name })
  }
  if (done < prompt.length) parts.push({ text: prompt.slice(done), name: null })
  return parts
}
