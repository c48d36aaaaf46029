import type { Command } from 'commander'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { number } from '../values.ts'
import type { ServeOptions } from './serve.ts'

/** `understudy mcp`. The server and its SDK are loaded only when it runs. */
export function addMcp(program: Command, terminal: Terminal, ended: (code: ExitCode) => void): void {
  program
    .command('mcp')
    .description('serve the gateway to an MCP client, on stdin and stdout')
    .option('--root <folder>', 'the only folder whose files may be read and written; default: no files')
    .option('--max-usd <usd>', 'the most that this process may spend', number, 1)
    .action(async (options: ServeOptions) => {
      const { serveMcp } = await import('./serve.ts')
      ended(await serveMcp(terminal, options))
    })
}
