import type * as z from 'zod'
import { isRecord, valueAt } from './data.ts'
import { unknownKeyInWords } from './known-keys.ts'
import type { Fault, Path } from './problem.ts'
import { fileSchema } from './schema.ts'
import type { FileSettings } from './schema.ts'
import { issueInWords } from './wording.ts'

interface Validation {
  /** Null when there is any fault. */
  settings: FileSettings | null
  faults: Fault[]
}

/**
 * Checks the data against the schema, field by field. What came from the environment is text; where the schema asks for a
 * number, or for true or false, it is read as such. Changes `root`: unknown keys are reported and taken out, so that what
 * is left can be judged by the rules that span fields.
 */
export function validate(
  root: Record<string, unknown>,
  isFromEnvironment: (path: Path) => boolean,
): Validation {
  const faults: Fault[] = []
  const first = parse(root)
  if (first.success) return { settings: first.data, faults }

  for (const issue of first.error.issues) {
    const path = plainPath(issue.path)
    if (issue.code === 'unrecognized_keys') faults.push(...takeOut(issue.keys, path, root))
    if (issue.code === 'invalid_type' && isFromEnvironment(path)) {
      readAs(issue.expected, root, path)
    }
  }

  const second = parse(root)
  if (second.success) return { settings: faults.length === 0 ? second.data : null, faults }
  for (const issue of second.error.issues) {
    faults.push({ path: plainPath(issue.path), message: issue.message, at: 'value' })
  }
  return { settings: null, faults }
}

function parse(root: unknown) {
  return fileSchema.safeParse(root, { error: issueInWords })
}

function takeOut(unknown: readonly string[], path: Path, root: unknown): Fault[] {
  const map = valueAt(root, path)
  return unknown.map((key) => {
    if (isRecord(map)) Reflect.deleteProperty(map, key)
    return { path: [...path, key], message: unknownKeyInWords(path, key), at: 'key' }
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
