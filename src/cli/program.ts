import { printable } from './output/printable.ts'
import { Command, CommanderError } from 'commander'
import { createApi } from './api.ts'
import type { Api } from './api.ts'
import { createCharacter, listCharacters, showOne } from './commands/characters.ts'
import type { CreateOptions } from './commands/characters.ts'
import { generate, route } from './commands/generate.ts'
import type { GenerateOptions } from './commands/generate.ts'
import { loginOf } from './login.ts'
import { login } from './commands/login-command.ts'
import { number, withRequestOptions } from './request.ts'
import type { RequestOptions } from './request.ts'
import { CliError, exitCodes } from './output/terminal.ts'
import type { ExitCode, Terminal } from './output/terminal.ts'
import { showUsageReport } from './commands/usage.ts'
import { watch } from './commands/watch.ts'

const help = `
The gateway and the key come from UNDERSTUDY_URL and UNDERSTUDY_API_KEY, else from \`understudy login\`.

Exit codes: 0 fine · 1 the gateway failed · 2 refused or wrong usage · 3 no key, or not allowed · 4 no gateway there ·
5 ended without a video · 6 --timeout is over · 130 interrupted`

type Run = (work: (api: Api) => Promise<ExitCode>) => Promise<void>

/** Runs one command line; resolves with its exit code. Everything it says goes to `terminal`. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine
  const run: Run = async (work) => {
    exitCode = await work(createApi(await loginOf(terminal), terminal.signal))
  }
  const program = new Command('understudy')
    .description('Videos and characters of an Understudy gateway.')
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
  addGeneration(program, terminal, run)
  addCharacters(program, terminal, run)
  program
    .command('usage')
    .description('what was paid')
    .option(
      '-b, --by <groups>',
      'key, upstream, kind, model, character, day; several with commas',
      'upstream',
    )
    .option('--from <day>', 'from this day on; this month, if not said')
    .option('--to <day>', 'before this day')
    .option('--json', 'as JSON')
    .action((options: { by: string }) => run((api) => showUsageReport(api, terminal, options)))
  program
    .command('login')
    .description('check and save a key, which is read from stdin')
    .argument('[address]', 'of the gateway', 'http://127.0.0.1:8787')
    .action(async (address: string) => {
      exitCode = await login(terminal, address)
    })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    return failed(error, terminal)
  }
}

function addGeneration(program: Command, terminal: Terminal, run: Run): void {
  withRequestOptions(program.command('generate').description('ask for a video'))
    .option('-w, --wait', 'until it is there')
    .option('-o, --output <file>', 'save the video; waits for it')
    .option('--timeout <seconds>', 'how long to wait', number, 1800)
    .option('--json', 'as JSON')
    .action((prompt: string, options: GenerateOptions) =>
      run((api) => generate(api, terminal, prompt, options)),
    )
  withRequestOptions(program.command('route').description('see which way a request would go'))
    .option('--json', 'as JSON')
    .action((prompt: string, options: RequestOptions) => run((api) => route(api, terminal, prompt, options)))
  program
    .command('watch')
    .description('follow a generation')
    .argument('<id>', 'of the generation')
    .option('--json', 'one JSON object a line')
    .action((id: string, options: { json?: boolean }) => run((api) => watch(api, terminal, id, options)))
}

function addCharacters(program: Command, terminal: Terminal, run: Run): void {
  const characters = program.command('characters').description('identities that prompts mention as @name')
  characters
    .command('create')
    .description('make one')
    .argument('<name>', 'lower-case letters, digits and _')
    .option('-v, --video <file or URL>', 'a clip that shows it')
    .option('-g, --generation <id>', 'a finished generation that shows it')
    .option('-d, --description <text>', 'told to upstreams that are only shown the clip')
    .option('-c, --clip <from-to>', 'the part to keep, in seconds, such as 1-4')
    .option('--json', 'as JSON')
    .action((name: string, options: CreateOptions) =>
      run((api) => createCharacter(api, terminal, name, options)),
    )
  characters
    .command('list')
    .description('all of them')
    .option('-s, --search <words>', 'of the name or the description')
    .option('--json', 'as JSON')
    .action((options: { search?: string; json?: boolean }) =>
      run((api) => listCharacters(api, terminal, options)),
    )
  characters
    .command('show')
    .description('one of them')
    .argument('<name>', 'or its id')
    .option('--json', 'as JSON')
    .action((name: string, options: { json?: boolean }) =>
      run((api) => showOne(api, terminal, name, options)),
    )
}

function failed(error: unknown, { stderr, signal }: Terminal): ExitCode {
  if (signal.aborted) {
    stderr.write('Interrupted. What the gateway accepted goes on.\n')
    return exitCodes.interrupted
  }
  // Commander has said what is wrong already; asking for help is fine.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.refused
  stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`)
  return error instanceof CliError ? error.exitCode : exitCodes.failed
}
