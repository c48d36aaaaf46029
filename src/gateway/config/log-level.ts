import type { ConfigProblem } from './document/config-problem.ts'
import type { Environment } from './document/variables.ts'
import { didYouMean } from '../domain/near-word.ts'
import { orList } from './document/wording.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** LOG_LEVEL; null when it is not set or no level, which `logLevelProblems` reports. */
export function configuredLogLevel(env: Environment): string | null {
  const level = env['LOG_LEVEL'] ?? ''
  return LEVELS.includes(level) ? level : null
}

export function logLevelProblems(env: Environment): ConfigProblem[] {
  const level = env['LOG_LEVEL'] ?? ''
  if (level === '' || LEVELS.includes(level)) return []
  const message = `should be ${orList(LEVELS)}${didYouMean(level, LEVELS)} (environment variable)`
  return [{ line: null, column: null, path: 'LOG_LEVEL', message }]
}
