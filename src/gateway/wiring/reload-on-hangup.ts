import type { Logger } from 'pino'
import type { readConfig } from '../config/load-config.ts'
import { digestOf } from '../config/digest.ts'
import { formatProblems } from '../config/document/config-problem.ts'
import type { Container } from './container.ts'

/**
 * On SIGHUP, `read`s the configuration again, with the secrets it names. Whatever is wrong with it is logged, and the one
 * before goes on.
 */
export function reloadOnHangup(
  container: Container,
  read: () => ReturnType<typeof readConfig>,
  logger: Logger,
): void {
  // A gateway that reloads has a file.
  const usualLevel = 'info'
  const refuse = (problems: string[]): void =>
    logger.error({ problems }, 'reload rejected; keeping the current configuration')

  function reload(): void {
    const loaded = read()
    if (!loaded.ok) return refuse(formatProblems(loaded.fileName, loaded.problems).split('\n'))
    for (const warning of loaded.warnings) logger.warn(warning)
    const outcome = container.reload(loaded)
    if (outcome.type === 'refused') return refuse(outcome.problems)
    logger.level = loaded.config.log.level ?? usualLevel
    logger.info(
      { configuration: digestOf(loaded.config), changes: outcome.changes },
      'configuration reloaded',
    )
  }

  process.on('SIGHUP', () => {
    try {
      reload()
    } catch (error) {
      // Thrown out of a signal, it would end the process.
      logger.error({ err: error }, 'reload rejected; keeping the current configuration')
    }
  })
}
