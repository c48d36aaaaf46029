import { printable } from './output/printable.ts'
import { Command, CommanderError } from 'commander'
import { addAccounts } from './accounts/add-accounts.ts'
import { createApi } from './gateway/api.ts'
import { createCharacter, listCharacters, showOne, stillsOf } from './commands/characters.ts'
import type { CreateOptions } from './commands/characters.ts'
import { generate, route } from './commands/generate.ts'
import type { GenerateOptions } from './commands/generate.ts'
import { addFigures, addGenerations, addOperations, addOutcomes } from './more-commands.ts'
import type { Run } from './run.ts'
import { version } from './version.ts'
import { loginOf } from './login.ts'
import { login } from './commands/login-command.ts'
import { addMcp } from './mcp/add-mcp.ts'
import { withRequestOptions } from './request.ts'
import { number } from './values.ts'
import type { RequestOptions } from './request.ts'
import { CliError, exitCodes } from './output/terminal.ts'
import type { ExitCode, Terminal } from './output/terminal.ts'
import { cancelSeries, listSeries, renderSeries, showOneSeries } from './commands/series.ts'
import type { SeriesOptions } from './commands/series.ts'
import { showUsageReport } from './commands/usage-command.ts'
import { listModels, showOneModel } from './commands/models.ts'
import { verify } from './commands/verify.ts'
import type { VerifyOptions } from './commands/verify.ts'
import { watch } from './commands/watch.ts'

const help = `
\`understudy start\` starts a gateway: on simulated upstreams, or with \`--config FILE\` on your own. \`understudy demo\` shows the main
features in half a minute, and \`understudy simulate\` runs only the simulated upstreams.
\`understudy init\` writes a first configuration of a gateway, \`understudy doctor\` asks its upstreams what costs nothing,
\`understudy backup\` copies its data, \`understudy migrate\` brings its database up to date, and \`understudy export\` and
\`understudy import\` move the data to another database.
Set the gateway and the key with UNDERSTUDY_URL and UNDERSTUDY_API_KEY, or save them with \`understudy login\`.

Exit codes:
  0    success
  1    the gateway failed, or an upstream is not as configured
  2    invalid usage, or the request was rejected
  3    no API key, or the key lacks permission
  4    the gateway is not reachable
  5    the generation, or a scene of the series, ended without a video
  6    --timeout is over
  130  interrupted`

/** Runs one command line and resolves with its exit code. All output goes to `terminal`. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine
  const run: Run = async (work) => {
    exitCode = await work(createApi(await loginOf(terminal), terminal.signal))
  }
  const program = new Command('understudy')
    .description('Create videos and characters with an Understudy gateway.')
    .version(version)
    .addHelpText('after', help)
    .exitOverride()
    // Otherwise `series show ID --json` would set the option of `series`, which has the same name.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(printable(text)),
      writeErr: (text) => void terminal.stderr.write(printable(text)),
    })
  addGeneration(program, terminal, run)
  addCharacters(program, terminal, run)
  addSeries(program, terminal, run)
  addModels(program, terminal, run)
  addVerify(program, terminal, run)
  addGenerations(program, terminal, run)
  addOperations(program, terminal, run)
  addFigures(program, terminal, run)
  addOutcomes(program, terminal, run)
  addAccounts(program, terminal, run)
  addMcp(program, terminal, (code) => {
    exitCode = code
  })
  program
    .command('usage')
    .description('show a cost report')
    .option(
      '-b, --by <groups>',
      'key, upstream, kind, model, character, day or hour; separate several with commas',
      'upstream',
    )
    .option('--from <day>', 'first day of the report; default: start of this month')
    .option('--to <day>', 'end of the report, exclusive')
    .option('--json', 'print JSON')
    .action((options: { by: string }) => run((api) => showUsageReport(api, terminal, options)))
  program
    .command('login')
    .description('verify and save an API key read from stdin')
    .argument('[address]', 'URL of the gateway', 'http://127.0.0.1:8787')
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

function addVerify(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('verify')
    .description('render the shortest clip of an upstream, for money, and compare it with its configuration')
    .argument('<upstream>', 'ID of the upstream')
    .requiredOption('--spend <usd>', 'the most that it may cost', number)
    .option('-m, --model <model>', 'model; default: the first one of the upstream')
    .option('--seconds <seconds>', 'length; default: the shortest that the upstream offers', number)
    .option('-o, --out <folder>', 'new folder for the answers and the video; default: verify-<upstream>')
    .option('-y, --yes', 'do not ask')
    .option('--timeout <seconds>', 'maximum time to wait', number, 1800)
    .option('--json', 'print JSON')
    .action((id: string, options: VerifyOptions) => run((api) => verify(api, terminal, id, options)))
}

function addModels(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('models')
    .description('show what can be asked for')
    .argument('[id]', 'one model with its upstreams')
    .option('--json', 'print JSON')
    .action((id: string | undefined, options: { json?: boolean }) =>
      run((api) =>
        id === undefined ? listModels(api, terminal, options) : showOneModel(api, terminal, id, options),
      ),
    )
}

function addGeneration(program: Command, terminal: Terminal, run: Run): void {
  withRequestOptions(program.command('generate').description('create a video'))
    .option('-w, --wait', 'wait until the video is ready')
    .option('-o, --output <file>', 'wait for the video and save it')
    .option('--timeout <seconds>', 'maximum time to wait', number, 1800)
    .option('--json', 'print JSON')
    .action((prompt: string, options: GenerateOptions) =>
      run((api) => generate(api, terminal, prompt, options)),
    )
  withRequestOptions(program.command('route').description('preview the route for a request'))
    .option('--json', 'print JSON')
    .action((prompt: string, options: RequestOptions) => run((api) => route(api, terminal, prompt, options)))
  program
    .command('watch')
    .description('follow the progress of a generation')
    .argument('<id>', 'ID of the generation')
    .option('--json', 'print one JSON object per line')
    .action((id: string, options: { json?: boolean }) => run((api) => watch(api, terminal, id, options)))
}

function addCharacters(program: Command, terminal: Terminal, run: Run): void {
  const characters = program
    .command('characters')
    .description('manage identities that prompts mention as @name')
  characters
    .command('create')
    .description('create a character')
    .argument('<name>', 'lowercase letters, digits and _')
    .option('-v, --video <file or URL>', 'clip that shows the character')
    .option('-g, --generation <id>', 'completed generation that shows the character')
    .option('-p, --picture <file or URL...>', 'pictures of the character in place of a clip, the best first')
    .option('-d, --description <text>', 'added to the prompt where the character is not native')
    .option('-c, --clip <from-to>', 'part of the clip to use, in seconds, such as 1-4')
    .option('--json', 'print JSON')
    .action((name: string, options: CreateOptions) =>
      run((api) => createCharacter(api, terminal, name, options)),
    )
  characters
    .command('list')
    .description('list characters')
    .option('-s, --search <words>', 'words to find in the name or the description')
    .option('--json', 'print JSON')
    .action((options: { search?: string; json?: boolean }) =>
      run((api) => listCharacters(api, terminal, options)),
    )
  characters
    .command('stills')
    .description('show or replace the pictures for upstreams that take no clip')
    .argument('<name>', 'name or ID of the character')
    .option('-p, --picture <file or URL...>', 'pictures to use from now on, the best first')
    .option('--json', 'print JSON')
    .action((name: string, options: { picture?: string[]; json?: boolean }) =>
      run((api) => stillsOf(api, terminal, name, options)),
    )
  characters
    .command('show')
    .description('show one character')
    .argument('<name>', 'name or ID of the character')
    .option('--json', 'print JSON')
    .action((name: string, options: { json?: boolean }) =>
      run((api) => showOne(api, terminal, name, options)),
    )
}

function addSeries(program: Command, terminal: Terminal, run: Run): void {
  const series = program
    .command('series')
    .description('render the scenes of a YAML file and save the videos; run it again to continue')
    // `--json` after a subcommand belongs to the subcommand.
    .enablePositionalOptions()
    .argument('<file>', 'YAML file with the scenes: see docs/SERIES.md')
    .option('-o, --out <folder>', 'folder for the videos; default: the name of the file')
    .option('--new', 'start another series in a folder that has one')
    .option('--retry', 'send the failed scenes again')
    .option('--route', 'preview the routes and the cost; nothing is sent')
    .option('--timeout <seconds>', 'maximum time to wait', number, 86_400)
    .option('--json', 'print JSON')
    .action((file: string, options: SeriesOptions) =>
      run((api) => renderSeries(api, terminal, file, options)),
    )
  series
    .command('list')
    .description('list series, newest first')
    .option('-s, --status <status>', 'queued, in_progress, completed, failed or cancelled')
    .option('--json', 'print JSON')
    .action((options: { status?: string; json?: boolean }) =>
      run((api) => listSeries(api, terminal, options)),
    )
  series
    .command('show')
    .description('show one series with its scenes')
    .argument('<id>', 'ID of the series')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) =>
      run((api) => showOneSeries(api, terminal, id, options)),
    )
  series
    .command('cancel')
    .description('cancel a series')
    .argument('<id>', 'ID of the series')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) =>
      run((api) => cancelSeries(api, terminal, id, options)),
    )
}

function failed(error: unknown, { stderr, signal }: Terminal): ExitCode {
  if (signal.aborted) {
    stderr.write('Interrupted. Accepted generations continue on the gateway.\n')
    return exitCodes.interrupted
  }
  // Commander has already printed the error. `--help` counts as success.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.refused
  stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`)
  return error instanceof CliError ? error.exitCode : exitCodes.failed
}
