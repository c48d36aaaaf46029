import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

/** Header and field names whose values never reach a log line, at the top of what is logged or up to two levels down. */
const secretPaths = [
  'authorization',
  'apiKey',
  'api_key',
  'api-key',
  'cookie',
  'key',
  'secret',
  'token',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** JSON lines. A log line is public: no secrets, no prompts above debug. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: { paths: secretPaths, censor: '[secret]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
