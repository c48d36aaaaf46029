import { hash } from 'node:crypto'
import type { KeyId } from '../../domain/ids.ts'

/** The id of a key that is not made by the API: the same at every start, because it follows from the name. */
export function keyIdOf(name: string): KeyId {
  return `key_${hash('sha256', name, 'hex').slice(0, 26)}`
}
