import { setImmediate as turn } from 'node:timers/promises'

/**
 * Shares one read among all requests of the same turn of the event loop, such as all waiters of one change. A read always
 * starts after it was requested.
 */
export function sharedReads<Id, Found>(read: (id: Id) => Promise<Found>): (id: Id) => Promise<Found> {
  const awaited = new Map<Id, Promise<Found>>()

  async function readLater(id: Id): Promise<Found> {
    await turn()
    awaited.delete(id)
    return read(id)
  }

  return (id) => {
    const found = awaited.get(id) ?? readLater(id)
    awaited.set(id, found)
    return found
  }
}
