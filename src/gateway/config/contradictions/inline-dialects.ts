import { isRecord } from '../data.ts'
import type { Fault, Path } from '../document/config-problem.ts'
import type { InlineDialects, KnownDialects } from '../settings.ts'
import { capabilitiesSchema } from '../schema/capabilities.ts'
import { unsayable } from './check-capabilities.ts'
import { keyPairFaults } from './key-pair-faults.ts'
import { stillsFaults } from './stills-faults.ts'
import { validate } from '../validate.ts'

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
    const named = typeof dialect === 'string' && Object.hasOwn(known, dialect) ? known[dialect] : undefined
    let says = named?.says?.() ?? null
    let able = named?.capabilities?.() ?? {}
    let signs = named === undefined ? null : (named.signs?.() ?? signsNothing)
    if (isRecord(dialect)) {
      if (inline === undefined) {
        faults.push({ path: [...at, 'dialect'], message: unavailable, at: 'value' })
        continue
      }
      const whole = inline.whole(dialect)
      upstream['dialect'] = whole
      says = inline.saysOf(whole)
      able = inline.capabilitiesOf(whole)
      signs = inline.signsOf(whole)
      faults.push(...validate(inline.schemaOf(whole), whole, isFromEnvironment, [...at, 'dialect']).faults)
    }
    if (isRecord(traits) && named?.traits !== undefined)
      faults.push(...validate(named.traits, traits, isFromEnvironment, [...at, 'traits']).faults)
    completeCapabilities(upstream, able)
    faults.push(
      ...unsayableOf(upstream, says, at),
      ...keyPairFaults(upstream, signs, at),
      ...stillsFaults(upstream, at),
    )
  }
  return faults
}

/** The capabilities of the dialect, overridden by those of the upstream. */
function completeCapabilities(
  upstream: Record<string, unknown>,
  able: Readonly<Record<string, unknown>>,
): void {
  const { capabilities: own = {} } = upstream
  if (Object.keys(able).length === 0 || !isRecord(own)) return
  const { options: known } = able
  const { options } = own
  upstream['capabilities'] = {
    ...able,
    ...own,
    ...(isRecord(known) && isRecord(options) && { options: { ...known, ...options } }),
  }
}

function unsayableOf(
  { capabilities }: Record<string, unknown>,
  says: ReadonlySet<string> | null,
  at: Path,
): Fault[] {
  const parsed = capabilitiesSchema.safeParse(capabilities)
  if (!parsed.success || says === null) return []
  return unsayable(parsed.data, says).map(({ path, word }) => ({
    path: [...at, 'capabilities', ...path],
    message: `cannot be sent: the create of this dialect has no \`${word}\`; add it to the description or remove this`,
    at: 'value',
  }))
}

const signsNothing = { calls: false, services: false }
const unavailable = 'an inline dialect is not supported here; use a named dialect'
