import { CommanderError, type Command } from 'commander'
import type * as z from 'zod'

/** Where a command writes. */
export interface Outputs {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream
}

/** 0: done. 1: it failed, and has said why. 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2

/**
 * Reads the words after the name of a command; `schema` is of the options that `program` describes. Instead of options it answers the exit code where nothing is left to do: 0 after
 * `--help`, and 2 after one line on stderr that says what is wrong.
 */
export function parseCommandLine<Options>(
  program: Command,
  schema: z.ZodType<Options>,
  argv: readonly string[],
  { stdout, stderr }: Outputs,
): { options: Options; args: string[] } | { exitCode: 0 | 2 } {
  program.exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    // A suggestion comes on a line of its own.
    outputError: (text, write) => write(`${text.trimEnd().replaceAll('\n', ' ')}\n`),
  })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    // Commander has already printed its own.
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
  return { options: schema.parse(program.opts()), args: program.args }
}
