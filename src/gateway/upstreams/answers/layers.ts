/** A JSON object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `task_id`, `taskId` and `TaskId` are one name. */
export function nameOf(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '')
}

/** The field names that envelopes use for their content. */
const contents = new Set('data result output task job video response resp body payload generation'.split(' '))
/** Lists of which one entry is the job. */
const lists = new Set('generations tasks jobs'.split(' '))

/**
 * The objects of an answer that may be its job, the likeliest first: what is in an envelope
 * (`{code: "success", data: {…}}`) or is all that there is (`{generationJob: {…}}`), in one inside it, and the answer itself. An answer with a status word of its own is no
 * envelope; what it holds then comes after it.
 */
export function layersOf(value: unknown, depth = 0): Fields[] {
  if (Array.isArray(value) && value.length === 1) return layersOf(value[0], depth)
  if (!isFields(value)) return []
  const entries = Object.entries(value)
  const isContent = (key: string, each: unknown) =>
    isFields(each)
      ? contents.has(nameOf(key)) || (entries.length === 1 && !/err|detail|fault|fail|meta/i.test(key))
      : lists.has(nameOf(key)) && Array.isArray(each) && each.length === 1
  const inner =
    depth === 2
      ? []
      : entries.flatMap(([key, each]) => (isContent(key, each) ? layersOf(each, depth + 1) : []))
  const hasStatus = entries.some(([key, each]) => statusNames.has(nameOf(key)) && typeof each === 'string')
  return hasStatus ? [value, ...inner] : [...inner, value]
}

/** Numbers are codes of the envelope as often as of the job. */
export const statusNames = new Set(
  'status state taskstatus taskstate jobstatus jobstate videostatus generationstatus'.split(' '),
)

/** The first value under one of `names` that `accept` takes: in the order of the layers, and there in that of the names. */
export function firstIn<T>(
  layers: readonly Fields[],
  names: readonly string[],
  accept: (value: unknown) => T | undefined,
): T | undefined {
  for (const layer of layers) {
    const byName = new Map(Object.entries(layer).map(([key, value]) => [nameOf(key), value]))
    for (const name of names) {
      const found = accept(byName.get(name))
      if (found !== undefined) return found
    }
  }
  return undefined
}
