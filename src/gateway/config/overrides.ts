import { isRecord } from './data.ts'
import { pathKey } from './document/config-problem.ts'
import type { Environment } from './document/variables.ts'

const OVERRIDES = [
  { variable: 'HOST', section: 'server', key: 'host' },
  { variable: 'PORT', section: 'server', key: 'port' },
  { variable: 'UNDERSTUDY_ROLE', section: 'server', key: 'role' },
  { variable: 'LOG_LEVEL', section: 'log', key: 'level' },
  { variable: 'DATABASE_URL', section: 'storage', key: 'url' },
] as const

/**
 * Puts the variables that stand above the file into the data; an empty one counts as not set. Answers which variable
 * each path (as `pathKey`) came from.
 */
export function overrideFromEnvironment(
  root: Record<string, unknown>,
  env: Environment,
): Map<string, string> {
  const origins = new Map<string, string>()
  for (const { variable, section, key } of OVERRIDES) {
    const text = Object.hasOwn(env, variable) ? env[variable] : undefined
    if (text === undefined || text === '') continue
    const map = root[section] ?? {}
    // A section of the wrong type is reported as such.
    if (!isRecord(map)) continue
    map[key] = text
    root[section] = map
    origins.set(pathKey([section, key]), variable)
  }
  return origins
}
