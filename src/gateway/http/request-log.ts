import type { FastifyBaseLogger } from 'fastify'

type Child = Parameters<FastifyBaseLogger['child']>
type Level = Exclude<keyof FastifyBaseLogger, 'child' | 'level'>

/** The log of one request: made when something is logged, because most requests have their line in the access log and no other. */
export class RequestLog implements FastifyBaseLogger {
  readonly #parent: FastifyBaseLogger
  readonly #child: Child
  #made: FastifyBaseLogger | null = null

  constructor(parent: FastifyBaseLogger, ...child: Child) {
    this.#parent = parent
    this.#child = child
  }

  get level(): string {
    return this.#parent.level
  }

  trace(...line: unknown[]): void {
    this.#write('trace', line)
  }

  debug(...line: unknown[]): void {
    this.#write('debug', line)
  }

  info(...line: unknown[]): void {
    this.#write('info', line)
  }

  warn(...line: unknown[]): void {
    this.#write('warn', line)
  }

  error(...line: unknown[]): void {
    this.#write('error', line)
  }

  fatal(...line: unknown[]): void {
    this.#write('fatal', line)
  }

  silent(...line: unknown[]): void {
    this.#write('silent', line)
  }

  child(...child: Child): FastifyBaseLogger {
    return this.#log().child(...child)
  }

  #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(...this.#child)
    return this.#made
  }

  #write(level: Level, line: unknown[]): void {
    const log = this.#log()
    Reflect.apply(log[level], log, line)
  }
}
