import type { Readable, Writable } from 'node:stream'
import { printable } from './printable.ts'

/** The world of one run: what a command reads, writes and is interrupted by. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>
  home: string
  /** The folder for what is saved: of this user, and of this program alone. */
  configFolder: string
  stdin: Readable
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
  /** Aborts at Ctrl-C. */
  signal: AbortSignal
}

/** What a run ends with. Scripts match on these; they are in the help. */
export const exitCodes = {
  fine: 0,
  /** The gateway failed, or something here did. */
  failed: 1,
  /** Wrong usage, or a request that the gateway refused. */
  refused: 2,
  /** No key, or one that may not do this. */
  denied: 3,
  unreachable: 4,
  /** The generation ended without a video. */
  noVideo: 5,
  /** `--timeout` is over; the generation goes on. */
  timedOut: 6,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the run with a sentence on stderr. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

export function say(terminal: Pick<Terminal, 'stdout'>, text: string): void {
  terminal.stdout.write(`${printable(text)}\n`)
}

export function sayJson(terminal: Pick<Terminal, 'stdout'>, value: unknown): void {
  say(terminal, JSON.stringify(value, null, 2))
}

/** Not part of the result: progress, hints. */
export function note(terminal: Pick<Terminal, 'stderr'>, text: string): void {
  terminal.stderr.write(`${printable(text)}\n`)
}
