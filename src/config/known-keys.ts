import * as z from 'zod'
import type { Path } from './problem.ts'
import { formatPath, showKey } from './problem.ts'
import { nearest } from '../nearest-word.ts'

/**
 * What to say about a key that the schema does not know: the one that was meant, where it belongs, or all there are. `path` is
 * from where the schema begins, which is `at` in the file.
 */
export function unknownKeyInWords(schema: z.core.$ZodType, path: Path, key: string, at: Path = []): string {
  const map = schemaAt(schema, path)
  const known = [...fieldsOf(map).keys()]
  const unknown = `unknown key \`${showKey(key)}\``
  const near = nearest(key, known)
  if (near !== undefined) return `${unknown}; did you mean \`${near}\`?`
  const home = homeOf(map, key, path) ?? homeOf(schema, key, [])
  if (home !== null) return `${unknown}; it belongs in \`${formatPath([...at, ...home])}\``
  return `${unknown}; known here: ${known.join(', ')}`
}

/** The map below `schema`, not inside a list, that has this key. */
function homeOf(schema: z.core.$ZodType | null, key: string, path: Path): Path | null {
  for (const [name, inner] of fieldsOf(schema)) {
    const innerPath = [...path, name]
    const home = fieldsOf(inner).has(key) ? innerPath : homeOf(inner, key, innerPath)
    if (home !== null) return home
  }
  return null
}

function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | null {
  const [next, ...rest] = path
  if (next === undefined) return schema
  const here = unwrap(schema)
  const inner = here instanceof z.ZodArray ? here.element : fieldsOf(here).get(String(next))
  return inner === undefined ? null : schemaAt(inner, rest)
}

/** The fields of a map of fixed keys; none for any other schema. */
function fieldsOf(schema: z.core.$ZodType | null): Map<string, z.core.$ZodType> {
  const map = schema === null ? null : unwrap(schema)
  const fields = new Map<string, z.core.$ZodType>()
  if (!(map instanceof z.ZodObject)) return fields
  for (const [name, inner] of Object.entries<unknown>(map.shape)) {
    if (inner instanceof z.core.$ZodType) fields.set(name, inner)
  }
  return fields
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap())
    : schema
}
