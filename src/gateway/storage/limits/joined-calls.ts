import { StorageError } from '../engine/storage-error.ts'

/** What each of the calls that were asked for together gets; `index` counts from 0. */
export type Share<Result> = (index: number) => Result

interface Waiting<Terms, Result> {
  terms: Terms
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/** Work that does not come to its turn waits for at most this many others. */
const mostWaiting = 10_000

/**
 * Calls of one name that come while a statement runs share the next one, so that a busy name costs one statement at a time and
 * no call is asked for before somebody needs it. `terms` of the first one count for all: they differ only around a reload.
 */
export function createJoinedCalls<Terms, Result>(
  ask: (name: string, terms: Terms, wanted: number) => Promise<Share<Result>>,
): (name: string, terms: Terms) => Promise<Result> {
  const waiting = new Map<string, Array<Waiting<Terms, Result>>>()

  async function work(name: string, queue: Array<Waiting<Terms, Result>>): Promise<void> {
    for (let [first] = queue; first !== undefined; [first] = queue) {
      const group = queue.splice(0)
      try {
        const share = await ask(name, first.terms, group.length)
        for (const [index, { resolve }] of group.entries()) resolve(share(index))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    waiting.delete(name)
  }

  return (name, terms) =>
    new Promise((resolve, reject) => {
      const queue = waiting.get(name)
      if (queue !== undefined && queue.length >= mostWaiting) {
        reject(new StorageError('busy', `${mostWaiting} calls already wait to be counted for ${name}`))
        return
      }
      const own = { terms, resolve, reject }
      if (queue !== undefined) {
        queue.push(own)
        return
      }
      const first = [own]
      waiting.set(name, first)
      // After the turn of the event loop, so that what is asked in one turn is one group.
      setImmediate(() => void work(name, first))
    })
}
