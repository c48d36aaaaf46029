import { createInterface } from 'node:readline/promises'
import { CliError, exitCodes, note } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** How a command asks, and what it says when it does nothing; `hint`: where nobody can be asked. */
interface Words {
  question: string
  refused: string
  hint: string
}

const toRender: Words = {
  question: 'Render and pay for it?',
  refused: 'Nothing was sent.',
  hint: 'Nothing was sent, because nobody can be asked here. To render it, pass --yes.',
}

/** Says what a command would do, and asks. Throws a CliError unless a person agrees at the terminal. */
export async function confirm(
  terminal: Terminal,
  order: string,
  { question, refused, hint }: Words = toRender,
): Promise<void> {
  const { stdin, stderr, signal } = terminal
  note(terminal, order)
  if (stdin.isTTY !== true) throw new CliError(exitCodes.refused, hint)
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(exitCodes.refused, refused)
  } finally {
    lines.close()
  }
}
