import { setImmediate as turn } from 'node:timers/promises'

/**
 * Reads once for all who ask for the same thing in one turn of the event loop, such as everybody whom one change has
 * woken. A read always begins after it was asked for.
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
