import { Command, CommanderError } from 'commander'
import { formatProblems } from './config/document/config-problem.ts'
import { readConfig } from './config/load-config.ts'
import { createStdoutLogger } from './process/logger.ts'
import { openDatabase } from './storage/engine/database.ts'
import { inlineDialects, knownDialects } from './upstreams/dialects.ts'
import { openPostgresData } from './wiring/open-postgres-data.ts'

interface Streams {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream
}

/**
 * `understudy migrate`: brings the database up to this release and ends, for a step of its own before the nodes of a new release
 * start. Those that run at the same time wait for each other, and a second run changes nothing. Resolves with the exit code: 1 if
 * the configuration is wrong, or the database cannot be used.
 */
export async function runMigrate(argv: readonly string[], streams: Streams): Promise<0 | 1> {
  const program = new Command('understudy migrate')
    .description('Bring the database up to this release, and exit. Nodes do the same when they start.')
    .option('--config <file>', 'configuration file (env: UNDERSTUDY_CONFIG)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    // Commander has already printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1
    throw error
  }
  const { config: file } = program.opts<{ config?: string }>()
  const read = readConfig({ ...(file !== undefined && { file }), knownDialects, inlineDialects })
  if (!read.ok) {
    streams.stderr.write(`${formatProblems(read.fileName, read.problems)}\n`)
    return 1
  }
  const { storage } = read.config
  const logger = createStdoutLogger(read.config.log.level ?? 'info')
  try {
    const database =
      storage.type === 'postgres'
        ? await openPostgresData(storage, read.secrets.database?.url ?? '', {
            logger,
            onConnect: () => undefined,
          })
        : await openDatabase({ file: storage.file })
    await database.close()
    const name = storage.type === 'postgres' ? storage.address : storage.file
    streams.stdout.write(`${name} is up to date with this release.\n`)
    return 0
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    streams.stderr.write(`Understudy failed to bring the database up to date: ${why}\n`)
    return 1
  }
}
