import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { loginOf } from '../login.ts'
import { CliError, exitCodes, note } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { microsOf } from './money/ceiling.ts'
import { createReach } from './reach.ts'
import { createServer } from './create-server.ts'
import { openRootFolder } from './files/root-folder.ts'
import type { Session } from './session.ts'
import { createSpending } from './money/spending.ts'
import { ToolError } from './tool-error.ts'

export interface ServeOptions {
  root?: string
  maxUsd: number
}

/** Calls of tools and reads of resources at a time. */
const mostCalls = 16
const mostUsd = 1_000_000

/** Serves MCP on stdin and stdout until stdin ends. Throws a CliError if it cannot start. */
export async function serveMcp(terminal: Terminal, { root, maxUsd }: ServeOptions): Promise<ExitCode> {
  if (!(maxUsd >= 0 && maxUsd <= mostUsd))
    throw new CliError(exitCodes.refused, `--max-usd must be between 0 and ${mostUsd}.`)
  const login = await loginOf(terminal)
  const session: Session = {
    reach: createReach(login, terminal.signal),
    spending: createSpending(microsOf(maxUsd)),
    root: await openRootFolder(root),
    log: (line) => note(terminal, `understudy mcp: ${line}`),
    inTurn: createTurns(mostCalls),
  }
  const transport = new EndingTransport(terminal.stdin, terminal.stdout)
  const served = serveStdio(() => createServer(session), {
    transport,
    // Texts of errors may quote what the client sent.
    onerror: ({ name }) => session.log(`Protocol error: ${name}.`),
  })
  const files = root === undefined ? 'no files' : `files below ${root}`
  session.log(`serving ${login.url}, at most ${maxUsd} USD, ${files}.`)
  const interrupt = () => void served.close()
  terminal.signal.addEventListener('abort', interrupt, { once: true })
  if (terminal.signal.aborted) interrupt()
  await transport.ended.promise
  return terminal.signal.aborted ? exitCodes.interrupted : exitCodes.fine
}

/** Says when it is closed: stdin has ended, or a message was too long. */
class EndingTransport extends StdioServerTransport {
  readonly ended = Promise.withResolvers<void>()

  override async close(): Promise<void> {
    await super.close()
    this.ended.resolve()
  }
}

function createTurns(most: number): Session['inTurn'] {
  let calls = 0
  return async (work) => {
    if (calls >= most)
      throw new ToolError(
        'too_many_calls',
        `${most} calls are under way.`,
        'Wait for one of them to end, then call again.',
      )
    calls += 1
    try {
      return await work()
    } finally {
      calls -= 1
    }
  }
}
