import { Command, CommanderError } from 'commander'
import { formatProblems } from './config/document/config-problem.ts'
import { readConfig } from './config/load-config.ts'
import type { Config, Secrets } from './config/settings.ts'
import { folderFiles } from './media/archive/folder-files.ts'
import { exportInstallation, takeBack, type DataPlace } from './moving/export-installation.ts'
import { importInstallation } from './moving/import-installation.ts'
import { importLines, isEqual } from './moving/import-report.ts'
import type { MediaFiles } from './ports/media/media-files.ts'
import { inlineDialects, knownDialects } from './upstreams/dialects.ts'
import { bucketOptions } from './wiring/open-archive.ts'
import { postgresSettings } from './wiring/open-postgres-data.ts'

interface Streams {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream
}

interface Installed {
  place: DataPlace
  archive: MediaFiles
}

const configOption = ['--config <file>', 'configuration file (env: UNDERSTUDY_CONFIG)'] as const

/**
 * `understudy export`: writes a copy of an installation, after which it sends nothing any more. Resolves with the exit code.
 */
export function runExport(argv: readonly string[], streams: Streams): Promise<0 | 1> {
  const program = new Command('understudy export')
    .description('Write everything that an installation has to a new folder, to import it elsewhere.')
    .option(...configOption)
    .option('--to <folder>', 'a new folder')
    .option('--media', 'include the bytes of media files')
    .option('--no-hold', 'let the original go on: a backup, not a move')
    .option('--take-back', 'the move is off: the original may be released again')
  return running(program, argv, streams, 'Export', async (options, { place, archive }) => {
    if (options.takeBack === true) {
      const wasMoved = await takeBack(place)
      const told = 'The move is taken back. Make sure that the other installation is stopped, start this one,'
      return wasMoved
        ? { ok: true, lines: [`${told} and release it with POST /operations/release.`] }
        : { ok: false, lines: ['This installation was not moved away.'] }
    }
    if (options.to === undefined) return { ok: false, lines: ['Name a new folder with --to.'] }
    const moves = options.hold !== false
    const asked = { to: options.to, media: options.media === true, moves, now: Date.now() }
    const { media } = await exportInstallation(place, archive, asked)
    const what = `Exported the records, the secrets and ${asked.media ? '' : 'a list of '}${media.length} media files to ${options.to}.`
    const held =
      'This installation sends nothing any more. If it is to go on, run "understudy export --take-back".'
    return { ok: true, lines: [what, ...(moves ? [held] : [])] }
  })
}

/** `understudy import`: copies an export or a backup into an empty installation, and compares. Resolves with the exit code: 0 if equal. */
export function runImport(argv: readonly string[], streams: Streams): Promise<0 | 1> {
  const program = new Command('understudy import')
    .description('Copy an export or a backup into an empty installation, and compare both.')
    .option(...configOption)
    .requiredOption('--from <folder>', 'what "understudy export" or "understudy backup" wrote')
  return running(program, argv, streams, 'Import', async ({ from = '' }, { place, archive }) => {
    const report = await importInstallation(from, place, archive)
    return { ok: isEqual(report), lines: importLines(report) }
  })
}

interface Options {
  config?: string
  to?: string
  from?: string
  media?: boolean
  hold?: boolean
  takeBack?: boolean
}

async function running(
  program: Command,
  argv: readonly string[],
  { stdout, stderr }: Streams,
  name: string,
  work: (options: Options, installed: Installed) => Promise<{ ok: boolean; lines: string[] }>,
): Promise<0 | 1> {
  program.exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    // Commander has already printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1
    throw error
  }
  const options = program.opts<Options>()
  const file = options.config !== undefined && { file: options.config }
  const read = readConfig({ ...file, knownDialects, inlineDialects })
  if (!read.ok) {
    stderr.write(`${formatProblems(read.fileName, read.problems)}\n`)
    return 1
  }
  try {
    const { ok, lines } = await onInstalled(read.config, read.secrets, (found) => work(options, found))
    const stream = ok ? stdout : stderr
    stream.write(`${lines.join('\n')}\n`)
    return ok ? 0 : 1
  } catch (error) {
    stderr.write(`${name} failed: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

async function onInstalled<Result>(
  { storage, media }: Config,
  secrets: Secrets,
  work: (installed: Installed) => Promise<Result>,
): Promise<Result> {
  const place: DataPlace =
    storage.type === 'sqlite'
      ? { type: 'sqlite', file: storage.file }
      : { type: 'postgres', settings: postgresSettings(storage, secrets.database?.url ?? '') }
  const options = bucketOptions(media, secrets)
  if (options === null) return work({ place, archive: folderFiles(media.directory) })
  const { bucketFiles } = await import('./media/s3/bucket-files.ts')
  const archive = bucketFiles(options)
  try {
    return await work({ place, archive })
  } finally {
    archive.close()
  }
}
