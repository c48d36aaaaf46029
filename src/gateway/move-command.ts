import { Command } from 'commander'
import * as z from 'zod'
import type { Config, Secrets } from './config/settings.ts'
import { runConfigured } from './configured-command.ts'
import { folderFiles } from './media/archive/folder-files.ts'
import { exportInstallation, takeBack, type DataPlace } from './moving/export-installation.ts'
import { importInstallation } from './moving/import-installation.ts'
import { importLines, isEqual } from './moving/import-report.ts'
import type { ExitCode, Outputs } from './parsing/command-line.ts'
import type { MediaFiles } from './ports/media/media-files.ts'
import { bucketOptions } from './wiring/open-archive.ts'
import { postgresSettings } from './wiring/open-postgres-data.ts'

interface Installed {
  place: DataPlace
  archive: MediaFiles
}

/**
 * `understudy export`: writes a copy of an installation, after which it sends nothing any more. Resolves with the exit code.
 */
export function runExport(argv: readonly string[], outputs: Outputs): Promise<ExitCode> {
  const program = new Command('understudy export')
    .description('Write everything that an installation has to a new folder, to import it elsewhere.')
    .option('--to <folder>', 'a new folder')
    .option('--media', 'include the bytes of media files')
    .option('--no-hold', 'let the original go on: a backup, not a move')
    .option('--take-back', 'the move is off: the original may be released again')
  return running(program, argv, outputs, 'Export', async (options, { place, archive }) => {
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
export function runImport(argv: readonly string[], outputs: Outputs): Promise<ExitCode> {
  const program = new Command('understudy import')
    .description('Copy an export or a backup into an empty installation, and compare both.')
    .requiredOption('--from <folder>', 'what "understudy export" or "understudy backup" wrote')
  return running(program, argv, outputs, 'Import', async ({ from = '' }, { place, archive }) => {
    const report = await importInstallation(from, place, archive)
    return { ok: isEqual(report), lines: importLines(report) }
  })
}

const optionsSchema = z.object({
  to: z.string().optional(),
  from: z.string().optional(),
  media: z.boolean().optional(),
  hold: z.boolean().optional(),
  takeBack: z.boolean().optional(),
})
type Options = z.output<typeof optionsSchema>

function running(
  program: Command,
  argv: readonly string[],
  outputs: Outputs,
  name: string,
  work: (options: Options, installed: Installed) => Promise<{ ok: boolean; lines: string[] }>,
): Promise<ExitCode> {
  return runConfigured(program, optionsSchema, argv, outputs, async (options, { config, secrets }) => {
    const { stdout, stderr } = outputs
    try {
      const { ok, lines } = await onInstalled(config, secrets, (found) => work(options, found))
      const stream = ok ? stdout : stderr
      stream.write(`${lines.join('\n')}\n`)
      return ok ? 0 : 1
    } catch (error) {
      stderr.write(`${name} failed: ${error instanceof Error ? error.message : String(error)}\n`)
      return 1
    }
  })
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
