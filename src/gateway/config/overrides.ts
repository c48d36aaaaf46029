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

type Override = (typeof OVERRIDES)[number] | (typeof DEFAULTS)[number]

/** What an image says of itself stands below the file: there, the gateway has to be reached from outside of the container. */
const DEFAULTS = [{ variable: 'UNDERSTUDY_DEFAULT_HOST', section: 'server', key: 'host' }] as const

/**
 * Puts the variables that stand above the file, and those that stand in for what it does not say, into the data; an empty
 * one counts as not set. Answers which variable each path (as `pathKey`) came from.
 */
export function overrideFromEnvironment(
  root: Record<string, unknown>,
  env: Environment,
): Map<string, string> {
  const origins = new Map<string, string>()
  const take = ({ variable, section, key }: Override, standsAbove: boolean) => {
    const text = Object.hasOwn(env, variable) ? env[variable] : undefined
    if (text === undefined || text === '') return
    const map = root[section] ?? {}
    // A section of the wrong type is reported as such.
    if (!isRecord(map) || (!standsAbove && Object.hasOwn(map, key))) return
    map[key] = text
    root[section] = map
    origins.set(pathKey([section, key]), variable)
  }
  for (const override of OVERRIDES) take(override, true)
  for (const override of DEFAULTS) take(override, false)
  return origins
}
