import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import { Command, Option } from 'commander'
import * as z from 'zod'
import { checkConfig, readConfig } from './config/load-config.ts'
import type { Config, Secrets } from './config/settings.ts'
import type { ShownSettings } from './config/shown-settings.ts'
import { formatProblems } from './config/document/config-problem.ts'
import { parseCommandLine } from './parsing/command-line.ts'
import { createContainer } from './wiring/container.ts'
import type { Container } from './wiring/container.ts'
import { digestOf } from './config/digest.ts'
import { removeAddressFile, writeAddressFile } from './process/address-file.ts'
import { createStdoutLogger } from './process/logger.ts'
import { version } from './process/version.ts'
import { reloadOnHangup } from './wiring/reload-on-hangup.ts'
import { mayPrintTicket, welcome } from './welcome.ts'
import { inlineDialects, knownDialects } from './upstreams/dialects.ts'

const dialects = { knownDialects, inlineDialects }

interface Loaded {
  config: Config
  secrets: Secrets
  shown: ShownSettings
  fileName: string | null
  warnings: string[]
  /** Whether there is a file that can be read again. */
  reloads: boolean
  /** Whether it is the configuration of a start without a file. */
  isBuiltin: boolean
  closeSimulator: () => Promise<void>
}

const optionsSchema = z.object({
  config: z.string().optional(),
  checkConfig: z.string().optional(),
  tryDialect: z.string().optional(),
  fixture: z.string().optional(),
  restored: z.boolean().optional(),
  backupTo: z.string().optional(),
  media: z.boolean().optional(),
  addressFile: z.string().optional(),
})

/** The command line of the gateway, without the names of Node and of the program; resolves once it listens, or has said why it does not. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('understudy')
    .description('A self-hosted gateway for video generation.')
    .option(
      '--config <file>',
      'configuration file (env: UNDERSTUDY_CONFIG); default: use the bundled simulator',
    )
    .option('--check-config <file>', 'validate a configuration file and exit')
    .option(
      '--try-dialect <file>',
      'show the requests of a described dialect (a file or the name of a preset) without sending them, and exit',
    )
    .addOption(
      new Option(
        '--address-file <file>',
        'while it listens, keep its address in this file, for the health check of a container',
      ).env('UNDERSTUDY_ADDRESS_FILE'),
    )
    .option('--restored', 'start from a backup: send nothing to upstreams until POST /operations/release')
    .option('--backup-to <folder>', 'back up the data to a new folder and exit; works while the gateway runs')
    .option('--media', 'with --backup-to: include the media files')
    .option('--fixture <file>', 'with --try-dialect: recorded responses to decode')
  const line = parseCommandLine(program, optionsSchema, argv, process)
  if ('exitCode' in line) {
    process.exitCode = line.exitCode
    return
  }
  const { options } = line
  const { checkConfig: checked, tryDialect: tried, fixture } = options
  if (checked !== undefined) report(checkConfig(checked, dialects))
  else if (tried !== undefined) {
    const { tryDialect } = await import('./try-dialect/try-dialect.ts')
    report(tryDialect({ file: tried, fixture }))
  } else if (options.backupTo !== undefined)
    await backUp(options.config, options.backupTo, options.media === true)
  else await run(options.config, options.restored === true, options.addressFile ?? '')
}

function report({ ok, report: text }: { ok: boolean; report: string }): void {
  const stream = ok ? process.stdout : process.stderr
  stream.write(`${text}\n`)
  process.exitCode = ok ? 0 : 1
}

async function backUp(file: string | undefined, to: string, media: boolean): Promise<void> {
  const read = readFile(file)
  if (!read.ok) return void refuse(read.fileName, read.problems)
  const { writeBackup } = await import('./backup-command.ts')
  try {
    const { media: files } = await writeBackup(read.config, { to, media, now: Date.now() })
    report({
      ok: true,
      report: `Backed up the database, the secrets and a list of ${files.length} media files to ${to}.`,
    })
  } catch (error) {
    report({ ok: false, report: `Backup failed: ${error instanceof Error ? error.message : String(error)}` })
  }
}

async function run(file: string | undefined, restored: boolean, addressFile: string): Promise<void> {
  const loaded = await load(file)
  if (loaded === null) return
  const { config, warnings, reloads, isBuiltin, closeSimulator } = loaded
  const isTerminal = process.stdout.isTTY
  const logger = createStdoutLogger(config.log.level ?? (isTerminal && !reloads ? 'warn' : 'info'))
  for (const warning of warnings) logger.warn(warning)
  const started = await start(loaded, logger, restored)
  if (started === null) return closeSimulator()
  const { container, address } = started
  const facts = { version, configuration: digestOf(config) }
  logger.info({ ...facts, address, pid: process.pid }, `Understudy listens on ${address}`)
  const addressFileFault = addressFile === '' ? null : writeAddressFile(addressFile, address)
  if (addressFileFault !== null)
    logger.warn(
      `${addressFile} cannot be written, so the health check of a container fails: ${addressFileFault}`,
    )
  // Whatever collects the output of a service reads JSON lines; a key that was made now is for a person.
  if (isTerminal) {
    const ticket = isBuiltin && mayPrintTicket(config) ? container.issueTicket() : null
    process.stdout.write(welcome(address, config, { ...keysOf(container), ticket }))
  } else if (isKeyNew(container)) {
    process.stderr.write(welcome(address, config, { ...keysOf(container), ticket: null }))
  }
  if (reloads) reloadOnHangup(container, () => readFile(file), logger)
  closeWithGrace({ delay: 20_000, ...(reloads && { skip: ['SIGHUP'] }) }, async ({ err, signal }) => {
    if (err !== undefined) {
      logger.fatal({ err }, 'fatal error; shutting down')
      await container.crashed()
    } else logger.info({ ...facts, signal }, 'Understudy is stopping')
    if (addressFile !== '') removeAddressFile(addressFile)
    await container[Symbol.asyncDispose]()
    await closeSimulator()
    logger.info(facts, 'Understudy has stopped')
  })
}

/** Null, and a sentence on stderr, when the machine does not let it start: a port or file in use, no permission, a full disk. */
async function start(
  loaded: Loaded,
  logger: Logger,
  restored: boolean,
): Promise<{ container: Container; address: string } | null> {
  let container: Container | undefined
  try {
    container = await createContainer(loaded.config, loaded.secrets, { logger, restored, loaded })
    return { container, address: await container.listen() }
  } catch (error) {
    logger.debug({ err: error }, 'failed to start')
    process.stderr.write(
      `Understudy failed to start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exitCode = 1
    await container?.[Symbol.asyncDispose]()
    return null
  }
}

function readFile(file: string | undefined): ReturnType<typeof readConfig> {
  return readConfig({ ...(file !== undefined && { file }), ...dialects })
}

async function load(file: string | undefined): Promise<Loaded | null> {
  const read = readFile(file)
  if (!read.ok) return refuse(read.fileName, read.problems)
  if (!read.config.builtins.upstreams) {
    return {
      ...read,
      reloads: read.fileName !== null,
      isBuiltin: false,
      closeSimulator: () => Promise.resolve(),
    }
  }
  const builtins = await simulatorOf(import('./builtin-config.ts'))
  if (builtins === null) {
    process.stderr.write(
      'There is no configuration, and this installation comes without the simulator. Name a configuration file with --config or UNDERSTUDY_CONFIG.\n',
    )
    process.exitCode = 1
    return null
  }
  const { simulator, text } = await builtins.startBuiltin()
  const builtin = readConfig({ text, ...dialects })
  if (!builtin.ok) return refuse(null, builtin.problems)
  return {
    ...builtin,
    warnings: [],
    reloads: false,
    isBuiltin: true,
    closeSimulator: () => simulator.close(),
  }
}

/** Null where an installation leaves the simulator out, as the image for production does. */
async function simulatorOf<T>(loading: Promise<T>): Promise<T | null> {
  try {
    return await loading
  } catch (error) {
    const isLeftOut =
      error instanceof Error &&
      'code' in error &&
      error.code === 'ERR_MODULE_NOT_FOUND' &&
      'url' in error &&
      /\/simulator\//.test(String(error.url))
    if (isLeftOut) return null
    throw error
  }
}

function refuse(fileName: string | null, problems: Parameters<typeof formatProblems>[1]): null {
  process.stderr.write(`${formatProblems(fileName, problems)}\n`)
  process.exitCode = 1
  return null
}

function keysOf({ generatedKey, adminKey }: Container) {
  return { generatedKey, adminKey }
}

function isKeyNew({ generatedKey, adminKey }: Pick<Container, 'generatedKey' | 'adminKey'>): boolean {
  return generatedKey !== null || adminKey !== null
}
