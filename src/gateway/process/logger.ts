import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { createLogDestination } from './log-destination.ts'

/** Header and field names whose values never reach a log line, at the top of what is logged or up to two levels down. */
const secretPaths = [
  'authorization',
  'apiKey',
  'api_key',
  'api-key',
  'secretKey',
  'secret_key',
  'cookie',
  'key',
  'secret',
  'token',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** In RFC 3339; made once for all lines of a millisecond. */
function createTimestamps(): () => string {
  let last = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== last) text = `,"time":"${new Date(now).toISOString()}"`
    last = now
    return text
  }
}

/** JSON lines. A log line is public: no secrets, no prompts above debug. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  const options = {
    level,
    redact: { paths: secretPaths, censor: '[secret]' },
    timestamp: createTimestamps(),
    base: null,
  }
  return pino(options, destination)
}

/** For lines whose members are a closed list without secrets: looking for one costs as much as writing the line. */
export function withoutRedaction(logger: Logger): Logger {
  return logger.child({}, { redact: [] })
}

/** Lines on standard output, where neither a full disk nor a reader that stopped holds the process up. */
export function createStdoutLogger(level: string): Logger {
  // Makes a pipe non-blocking. What cannot be written is an event here, and without a listener the end of the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const destination = createLogDestination(process.stdout.fd)
  const logger = createLogger(level, destination)
  destination.onDropped((lines) =>
    logger.warn({ lines }, 'dropped log lines: the output is blocked or closed'),
  )
  return logger
}
