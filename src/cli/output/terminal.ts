import type { Readable, Writable } from 'node:stream'
import { printable } from './printable.ts'

/** The environment of one run: input, output and interruption. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>
  home: string
  /** The folder for saved data of this program, for this user. */
  configFolder: string
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** Exit codes. Scripts depend on them; they are listed in the help. */
export const exitCodes = {
  fine: 0,
  /** An error of the gateway or of this program. */
  failed: 1,
  /** Wrong usage, or a request that the gateway rejected. */
  refused: 2,
  /** No key, or a key without the permission. */
  denied: 3,
  unreachable: 4,
  /** The generation ended without a video. */
  noVideo: 5,
  /** `--timeout` has passed; the generation continues. */
  timedOut: 6,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the run with a message on stderr. */
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

/** Writes what is not part of the result: progress and hints. */
export function note(terminal: Pick<Terminal, 'stderr'>, text: string): void {
  terminal.stderr.write(`${printable(text)}\n`)
}
