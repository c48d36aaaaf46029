import type { Fault, Path } from '../document/config-problem.ts'
import type { Signs } from '../settings.ts'

/** What is wrong with the credentials of an upstream whose dialect signs such calls; null where nobody knows. */
export function keyPairFaults(
  { access_key: access, secret_key: secret, api_key: key, characters }: Record<string, unknown>,
  signs: Signs | null,
  at: Path,
): Fault[] {
  const fault = (name: string, message: string): Fault[] => [{ path: [...at, name], message, at: 'value' }]
  if (access !== undefined && secret === undefined)
    return fault('access_key', 'is half of a key pair; set secret_key as well')
  if (secret !== undefined && access === undefined)
    return fault('secret_key', 'is half of a key pair; set access_key as well')
  if (signs === null) return []
  const hasPair = access !== undefined
  if (hasPair && !signs.calls && !signs.services)
    return fault('access_key', 'is not used by this dialect; set api_key instead, or remove the pair')
  if (hasPair && signs.calls && key !== undefined)
    return fault('access_key', 'is set beside api_key; keep the key, or the pair')
  if (!hasPair && signs.services && characters === 'native')
    return fault(
      'characters',
      'is native, and this dialect makes characters with signed calls; set access_key and secret_key, or another mode',
    )
  return []
}
