/** As many as a series takes. */
export const mostScenes = 100

export interface SceneLine {
  prompt: string
  /** Where the prompt stands in the text, in UTF-16 code units. */
  start: number
}

/** One scene for each line that has more than white space. */
export function sceneLines(text: string): SceneLine[] {
  return [...text.matchAll(/[^\r\n]+/gu)].flatMap(({ 0: line, index }) => {
    const prompt = line.trim()
    return prompt === '' ? [] : [{ prompt, start: index + line.indexOf(prompt) }]
  })
}

/** The scene that a fault is about, from 0, and the rest of its pointer; null where it is about none. */
export function sceneOfPointer(pointer: string): { index: number; rest: string } | null {
  const [, index, rest] = /^\/scenes\/(\d+)(.*)$/u.exec(pointer) ?? []
  return index === undefined ? null : { index: Number(index), rest: rest ?? '' }
}

/** The text without the scenes at these places, counted from 0: what was not accepted stays. */
export function withoutScenes(text: string, gone: readonly number[]): string {
  return sceneLines(text)
    .filter((_, index) => !gone.includes(index))
    .map(({ prompt }) => prompt)
    .join('\n')
}
