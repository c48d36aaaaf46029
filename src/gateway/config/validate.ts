import type * as z from 'zod'
import { isRecord, valueAt } from './data.ts'
import { unknownKeyInWords } from './schema/known-keys.ts'
import type { Fault, Path } from './document/config-problem.ts'
import { issueInWords } from './document/wording.ts'

interface Validation<T> {
  /** Null when there is any fault. */
  settings: T | null
  faults: Fault[]
}

/**
 * Checks the data against the schema, field by field. What came from the environment is text; where the schema asks for a
 * number, or for true or false, it is read as such. Changes `root`: unknown keys are reported and taken out, so that what
 * is left can be judged by the rules that span fields. `at`: where in the file `root` stands.
 */
export function validate<T>(
  schema: z.ZodType<T>,
  root: Record<string, unknown>,
  isFromEnvironment: (path: Path) => boolean,
  at: Path = [],
): Validation<T> {
  const faults: Fault[] = []
  const parse = () => schema.safeParse(root, { error: issueInWords })
  const first = parse()
  if (first.success) return { settings: first.data, faults }

  for (const issue of first.error.issues) {
    const path = plainPath(issue.path)
    if (issue.code === 'unrecognized_keys') faults.push(...takeOut(schema, issue.keys, { root, path, at }))
    if (issue.code === 'invalid_type' && isFromEnvironment([...at, ...path])) {
      readAs(issue.expected, root, path)
    }
  }

  const second = parse()
  if (second.success) return { settings: faults.length === 0 ? second.data : null, faults }
  for (const issue of second.error.issues) {
    faults.push({ path: [...at, ...plainPath(issue.path)], message: issue.message, at: 'value' })
  }
  return { settings: null, faults }
}

function takeOut(
  schema: z.ZodType,
  unknown: readonly string[],
  { root, path, at }: { root: unknown; path: Path; at: Path },
): Fault[] {
  const map = valueAt(root, path)
  return unknown.map((key) => {
    if (isRecord(map)) Reflect.deleteProperty(map, key)
    return {
      path: [...at, ...path, key],
      message: unknownKeyInWords(schema, path, key, at),
      at: 'key',
    }
  })
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function readAs(expected: z.core.$ZodInvalidTypeExpected, root: unknown, path: Path): void {
  const parent = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  const text = valueAt(root, path)
  if (typeof text !== 'string' || last === undefined || typeof parent !== 'object' || parent === null) return
  const word = text.trim()
  if ((expected === 'number' || expected === 'int') && NUMBER.test(word)) {
    Reflect.set(parent, last, Number(word))
  }
  if (expected === 'boolean' && /^(true|false)$/i.test(word)) {
    Reflect.set(parent, last, word.toLowerCase() === 'true')
  }
}

function plainPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}
