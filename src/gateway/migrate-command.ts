import { Command } from 'commander'
import * as z from 'zod'
import { runConfigured, type Configured } from './configured-command.ts'
import type { ExitCode, Outputs } from './parsing/command-line.ts'
import { createStdoutLogger } from './process/logger.ts'
import { openDatabase } from './storage/engine/database.ts'
import { openPostgresData } from './wiring/open-postgres-data.ts'

/**
 * `understudy migrate`: brings the database up to this release and ends, for a step of its own before the nodes of a new release
 * start. Those that run at the same time wait for each other, and a second run changes nothing. Resolves with the exit code: 1 if
 * the configuration is wrong, or the database cannot be used.
 */
export function runMigrate(argv: readonly string[], outputs: Outputs): Promise<ExitCode> {
  const program = new Command('understudy migrate').description(
    'Bring the database up to this release, and exit. Nodes do the same when they start.',
  )
  return runConfigured(program, z.object({}), argv, outputs, async (_options, configured) => {
    try {
      outputs.stdout.write(`${told(await migrate(configured), configured)}\n`)
      return 0
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      outputs.stderr.write(`Understudy failed to bring the database up to date: ${why}\n`)
      return 1
    }
  })
}

/** Resolves with the names of the migrations that were made. */
async function migrate({ config: { storage, log }, secrets }: Configured): Promise<readonly string[]> {
  let made: readonly string[] = []
  const onMigrated = (names: readonly string[]) => void (made = names)
  const logger = createStdoutLogger(log.level ?? 'info')
  const database =
    storage.type === 'postgres'
      ? await openPostgresData(storage, secrets.database?.url ?? '', {
          logger,
          onConnect: () => undefined,
          onMigrated,
        })
      : await openDatabase({ file: storage.file, onMigrated })
  await database.close()
  return made
}

function told(made: readonly string[], { config: { storage } }: Configured): string {
  const name = storage.type === 'postgres' ? storage.address : storage.file
  if (made.length === 0) return `${name} is up to date with this release: nothing to do.`
  const count = made.length === 1 ? '1 migration' : `${made.length} migrations`
  return `${name}: made ${count}, up to ${made.at(-1)}. It is up to date with this release.`
}
