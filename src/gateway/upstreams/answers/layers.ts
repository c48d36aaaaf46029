/** A JSON object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `task_id`, `taskId` and `TaskId` are the same name. */
export function nameOf(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '')
}

/** Field names that envelopes use for their content. */
const contents = new Set('data result output task job video response resp body payload generation'.split(' '))
/** Lists in which one item is the job. */
const lists = new Set('generations tasks jobs'.split(' '))

/**
 * The objects of a response that may be its job, the most likely first: the content of an envelope (`{code: "success",
 * data: {…}}`) or of a single field (`{generationJob: {…}}`), that of a nested one, then the response itself. A
 * response with a status word of its own is not an envelope; its content then comes after it.
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

/** Numbers are not accepted as status: they are as often the code of the envelope. */
export const statusNames = new Set(
  'status state taskstatus taskstate jobstatus jobstate videostatus generationstatus'.split(' '),
)

/** The first value under one of `names` that `accept` takes: by layer, then by the order of the names. */
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
