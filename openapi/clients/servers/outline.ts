import { z } from 'zod'

const told = new Set(
  ['object', 'status', 'model', 'size', 'seconds', 'quality', 'progress', 'has_more', 'media_type'].concat([
    'fps',
    'num_frames',
    'duration_s',
    'deleted',
    'type',
    'param',
    'code',
  ]),
)

const object = z.record(z.string(), z.unknown())

/** The keys of a JSON answer that have a value, with the words that matter; anything else is a file. */
export function outlineOf(text: string): string {
  try {
    const value = object.safeParse(JSON.parse(text))
    return value.success ? keysOf(value.data, '').toSorted().join(' ') : 'no object'
  } catch {
    return 'a file'
  }
}

function keysOf(value: Record<string, unknown>, above: string): string[] {
  return Object.entries(value)
    .filter(([, each]) => each !== null)
    .flatMap(([key, each]) => {
      const name = `${above}${key}`
      const inner = key === 'error' ? object.safeParse(each) : undefined
      if (inner?.success === true) return keysOf(inner.data, `${name}.`)
      if (Array.isArray(each)) return [`${name}[]`]
      return [told.has(key) ? `${name}=${String(each)}` : name]
    })
}
