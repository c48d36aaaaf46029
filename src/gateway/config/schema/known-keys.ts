import type * as z from 'zod'
import { nearest } from '../../domain/near-word.ts'
import { fieldsOf, schemaAt } from '../../parsing/schema-fields.ts'
import type { Path } from '../document/config-problem.ts'
import { formatPath, showKey } from '../document/config-problem.ts'

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
