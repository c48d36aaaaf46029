import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import type { Config } from './settings.ts'

/** Twelve hex digits that change when a setting does. Secrets are no part of them. */
export function digestOf(config: Config): string {
  const text = inspect(config, { depth: null, maxArrayLength: null, maxStringLength: null, sorted: true })
  return hash('sha256', text, 'hex').slice(0, 12)
}
