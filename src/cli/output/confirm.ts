import { createInterface } from 'node:readline/promises'
import { CliError, exitCodes, note } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Says what a command would spend, and asks. Throws a CliError unless a person agrees at the terminal. */
export async function confirm(terminal: Terminal, order: string): Promise<void> {
  const { stdin, stderr, signal } = terminal
  note(terminal, order)
  if (stdin.isTTY !== true)
    throw new CliError(
      exitCodes.refused,
      'Nothing was sent, because nobody can be asked here. To render it, pass --yes.',
    )
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await lines.question('Render and pay for it? [y/N] ', { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(exitCodes.refused, 'Nothing was sent.')
  } finally {
    lines.close()
  }
}
