import { setTimeout as pause } from 'node:timers/promises'
import { mayRunAgain } from './postgres-errors.ts'

/** For what the server rolls back again and again. */
const MOST_ATTEMPTS = 5
const LONGEST_PAUSE_MS = 20

/**
 * Runs a transaction, or a statement outside of one, again when the server rolled it back for a reason that is gone then.
 * It changed nothing before.
 */
export async function runAgain<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (attempts >= MOST_ATTEMPTS || !mayRunAgain(error)) throw error
      // Two that met once would meet again.
      await pause(Math.random() * LONGEST_PAUSE_MS)
    }
  }
}
