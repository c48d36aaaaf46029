import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../ports/logger.ts'

/** How long what an upstream did is kept in memory while the store cannot take it (a full disk): about half a minute. */
const pauseMs = 500
const mostTries = 60

/**
 * Stores what an upstream did. It happened whether or not it can be stored now, so storing is retried for a while, unless
 * the store was closed. Errors that are `isFinal` are thrown immediately. The write must be idempotent.
 */
export async function storeOutcome<T>(
  write: () => Promise<T>,
  options: { logger: Logger; what: object; isFinal?: (error: unknown) => boolean },
): Promise<T> {
  const { logger, what, isFinal = () => false } = options
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      if (isFinal(error) || isClosed(error) || tries >= mostTries) throw error
      logger.error({ err: error, ...what, tries }, 'failed to store the result of an upstream call; retrying')
      await pause(pauseMs)
    }
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'closed'
}
