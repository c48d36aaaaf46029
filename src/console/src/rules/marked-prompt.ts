import { mentionPlaces, normalName } from './mentions.ts'

/** A part of a prompt; `name` is set where it mentions a character. */
export interface PromptPart {
  text: string
  name: string | null
}

/** The prompt cut at the mentions of these characters (by name, or by ID); the parts together are the prompt. */
export function markedPrompt(
  prompt: string,
  characters: ReadonlyArray<{ id: string; name: string }>,
): PromptPart[] {
  const known = new Map(
    characters.flatMap(({ id, name }) => [
      [id, name],
      [normalName(name), name],
    ]),
  )
  const parts: PromptPart[] = []
  let done = 0
  for (const { name: written, start, end } of mentionPlaces(prompt)) {
    const name = known.get(written)
    if (name === undefined) continue
    if (start > done) parts.push({ text: prompt.slice(done, start), name: null })
    parts.push({ text: prompt.slice(start, end), name })
    done = end
  }
  if (done < prompt.length) parts.push({ text: prompt.slice(done), name: null })
  return parts
}
