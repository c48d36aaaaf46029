import { setImmediate as turn } from 'node:timers/promises'

/**
 * Shares one read among all requests of the same turn of the event loop, such as all waiters of one change. A read always
 * starts after it was requested. What it found is shared, too, and must not be changed. `asked`: words and numbers without a space.
 */
export function sharedReads<Asked extends readonly unknown[], Found>(
  read: (...asked: Asked) => Promise<Found>,
): (...asked: Asked) => Promise<Found> {
  const awaited = new Map<string, Promise<Found>>()

  async function readLater(key: string, asked: Asked): Promise<Found> {
    await turn()
    awaited.delete(key)
    return read(...asked)
  }

  return (...asked) => {
    const key = asked.join(' ')
    const found = awaited.get(key) ?? readLater(key, asked)
    awaited.set(key, found)
    return found
  }
}
