import { Command } from 'commander'
import { unlinkSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import * as z from 'zod'
import { checkConfigWith } from '../config/load-config.ts'
import { faultOf } from '../config/document/file-fault.ts'
import { nearest } from '../domain/near-word.ts'
import { parseCommandLine, type ExitCode, type Outputs } from '../parsing/command-line.ts'
import { inlineDialects, knownDialects } from '../upstreams/dialects.ts'
import { starterConfig, starters } from './starters.ts'
import type { Starter, StarterChoice } from './starters.ts'

interface Streams extends Outputs {
  stdin: NodeJS.ReadStream
}

const optionsSchema = z.object({
  preset: z.string().optional(),
  keyEnv: z.string().optional(),
  baseUrl: z.string().optional(),
  id: z.string().optional(),
  list: z.boolean().optional(),
})
type Options = z.output<typeof optionsSchema>

const usualFile = 'understudy.yaml'

/** Ends the command with a sentence on stderr. */
class InitError extends Error {
  override readonly name = 'InitError'
}

/**
 * `understudy init`: writes a configuration with one upstream and checks it. Asks for what is not given where it runs on a
 * terminal. Resolves with the exit code.
 */
export async function runInit(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const program = new Command('understudy init')
    .description('Write a configuration for one upstream, and check it.')
    .argument('[file]', 'the file to write', usualFile)
    .option('-p, --preset <name>', 'the upstream to start from; --list shows all')
    .option('-k, --key-env <name>', 'environment variable with the API key')
    .option('-b, --base-url <url>', 'base URL of the upstream')
    .option('--id <id>', 'ID of the upstream; default: the name of the preset')
    .option('--list', 'list the presets and exit')
  const line = parseCommandLine(program, optionsSchema, argv, streams)
  if ('exitCode' in line) return line.exitCode
  const { options, args } = line
  try {
    if (options.list === true) streams.stdout.write(`${listed(starters())}\n`)
    else await write(args[0] ?? usualFile, options, streams)
    return 0
  } catch (error) {
    if (!(error instanceof InitError)) throw error
    streams.stderr.write(`${error.message}\n`)
    return 1
  }
}

async function write(file: string, options: Options, streams: Streams): Promise<void> {
  const { starter, choice } = await chosen(options, streams)
  try {
    // `wx`: an existing file may be a configuration in use.
    writeFileSync(file, starterConfig(starter, choice), { flag: 'wx' })
  } catch (error) {
    const reason = faultOf(error)
    throw new InitError(
      error instanceof Error && 'code' in error && error.code === 'EEXIST'
        ? `${file} exists and is not overwritten. Choose another name: understudy init other.yaml`
        : `${file} cannot be written: ${reason}`,
    )
  }
  const { keyVariable } = choice
  const checked = checkConfigWith(file, { knownDialects, inlineDialects }, keyVariable)
  if (!checked.ok) {
    unlinkSync(file)
    throw new InitError(`${checked.report}\n${file} was not written.`)
  }
  streams.stdout.write(`${checked.report}\n\n${nextSteps(file, choice, checked.isSet)}\n`)
}

/** Asks for what is missing; without a terminal, what has no default is an error. */
async function chosen(
  options: Options,
  { stdin, stderr }: Streams,
): Promise<{ starter: Starter; choice: StarterChoice }> {
  const all = starters()
  const asks = stdin.isTTY && options.preset === undefined
  if (!asks) {
    if (options.preset === undefined) throw new InitError(`Choose a preset with --preset:\n\n${listed(all)}`)
    const starter = starterOf(all, options.preset)
    return { starter, choice: choiceOf(starter, options) }
  }
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    stderr.write(`${listed(all)}\n\n`)
    const starter = starterOf(all, (await terminal.question('Preset: ')).trim())
    const ask = async (question: string, usual: string) =>
      (await terminal.question(`${question} [${usual}]: `)).trim() || usual
    const baseUrl = options.baseUrl ?? (await ask('Base URL', starter.baseUrl))
    const usual = starter.keyVariable ?? ''
    const keyEnv = options.keyEnv ?? (await ask('Environment variable with the API key', usual))
    return { starter, choice: choiceOf(starter, { ...options, baseUrl, ...(keyEnv !== '' && { keyEnv }) }) }
  } finally {
    terminal.close()
  }
}

function starterOf(all: readonly Starter[], name: string): Starter {
  const found = all.find(({ id }) => id === name) ?? onlyOne(all.filter(({ dialect }) => dialect === name))
  if (found !== undefined) return found
  const near = nearest(
    name,
    all.map(({ id }) => id),
  )
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new InitError(
    `There is no preset ${JSON.stringify(name)}.${hint} To list them, run: understudy init --list`,
  )
}

function onlyOne(found: readonly Starter[]): Starter | undefined {
  return found.length === 1 ? found[0] : undefined
}

function choiceOf(starter: Starter, { id, baseUrl, keyEnv }: Options): StarterChoice {
  if (keyEnv !== undefined && !/^[A-Z_][A-Z0-9_]*$/.test(keyEnv))
    throw new InitError(
      '--key-env takes the name of an environment variable in capitals, such as VENDOR_API_KEY, not the key itself.',
    )
  return {
    id: id ?? starter.id,
    baseUrl: baseUrl ?? starter.baseUrl,
    keyVariable: keyEnv ?? starter.keyVariable,
  }
}

function listed(all: readonly Starter[]): string {
  const width = (pick: (each: Starter) => string) => Math.max(...all.map((each) => pick(each).length))
  const [ids, kinds, dialects] = [
    width(({ id }) => id),
    width(({ kind }) => kind),
    width(({ dialect }) => dialect),
  ]
  return all
    .map(({ id, kind, dialect, baseUrl }) =>
      [id.padEnd(ids), kind.padEnd(kinds), dialect.padEnd(dialects), baseUrl].join('  '),
    )
    .join('\n')
}

function nextSteps(file: string, { id, keyVariable }: StarterChoice, isSet: boolean): string {
  return [
    `Wrote ${file}. Prices, lengths and sizes are those of the vendor's pages: compare them with your contract.`,
    '',
    'Next:',
    ...(keyVariable === null || isSet
      ? []
      : [`  export ${keyVariable}=…          # the API key of the upstream`]),
    `  understudy start --config ${file}`,
    '  understudy login                   # with the key that the gateway prints',
    `  understudy verify ${id} --spend 0.50`,
  ].join('\n')
}
