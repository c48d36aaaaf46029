import { isRecord } from './data.ts'
import type { Fault, Path } from './document/config-problem.ts'
import type { InlineDialects, KnownDialects } from './settings.ts'
import { validate } from './validate.ts'

/**
 * Checks the parts of an upstream that its dialect knows more about than the file's own schema: an inline description, which is
 * replaced by the whole one, and traits. Changes `root` as `validate` does.
 */
export function findDialectFaults(
  root: Record<string, unknown>,
  { known, inline }: { known: KnownDialects; inline: InlineDialects | undefined },
  isFromEnvironment: (path: Path) => boolean,
): Fault[] {
  const faults: Fault[] = []
  const upstreams: unknown[] = Array.isArray(root['upstreams']) ? root['upstreams'] : []
  for (const [index, upstream] of upstreams.entries()) {
    if (!isRecord(upstream)) continue
    const { dialect, traits } = upstream
    const at = ['upstreams', index]
    if (isRecord(dialect)) {
      if (inline === undefined) {
        faults.push({ path: [...at, 'dialect'], message: unavailable, at: 'value' })
        continue
      }
      const whole = inline.whole(dialect)
      upstream['dialect'] = whole
      faults.push(...validate(inline.schemaOf(whole), whole, isFromEnvironment, [...at, 'dialect']).faults)
    }
    const schema =
      typeof dialect === 'string' && Object.hasOwn(known, dialect) ? known[dialect]?.traits : undefined
    if (isRecord(traits) && schema !== undefined)
      faults.push(...validate(schema, traits, isFromEnvironment, [...at, 'traits']).faults)
  }
  return faults
}

const unavailable = 'an inline dialect is not supported here; use a named dialect'
