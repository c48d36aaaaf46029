import type { Wrappers } from '../../src/container.ts'
import { StorageError } from '../../src/storage/storage-error.ts'

/** What happens between the gateway and its adapters: `name:before` and `name:after` of every call. */
export type Passing = (point: string) => void

/** Writes fail while the disk is full; reads do not. */
const writes = new Set([
  'store.insert',
  'store.save',
  'store.claimDue',
  'store.release',
  'store.renew',
  'characters.insert',
  'characters.changeBinding',
])
const fullMessage = 'database or disk is full'

/** Puts named points around every call of the gateway to its store, characters, archive and upstreams. */
export function createWrappers(pass: Passing, isFull: () => boolean): Wrappers {
  const refuse = (name: string): { answer: unknown } | null => {
    if (!isFull()) return null
    if (writes.has(name)) throw new StorageError('disk_full', fullMessage)
    if (name === 'archive.put' || name === 'archive.cut') {
      return { answer: { type: 'no_space', message: fullMessage } }
    }
    return null
  }
  const watch = <Adapter extends object>(adapter: Adapter, prefix: string): Adapter =>
    watched(adapter, prefix, pass, refuse)

  return {
    store: (store) => watch(store, 'store'),
    characters: (characters) => watch(characters, 'characters'),
    archive: (archive) => watch(archive, 'archive'),
    directory(directory) {
      const upstreams = new Map(
        directory.all().map((upstream) => [upstream.spec.id, watch(upstream, 'upstream')]),
      )
      return {
        get: (id) => upstreams.get(id),
        all: () => [...upstreams.values()],
        close: () => directory.close(),
      }
    },
  }
}

/** What answers at once: no work is done in between, so there is nothing to die in. */
const synchronous = new Set(['mention', 'breakers', 'read', 'close'])

function watched<Adapter extends object>(
  adapter: Adapter,
  prefix: string,
  pass: Passing,
  refuse: (name: string) => { answer: unknown } | null,
): Adapter {
  return new Proxy(adapter, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      const method = String(property)
      if (synchronous.has(method)) return value.bind(target)
      const name = `${prefix}.${method}`
      return async (...given: unknown[]) => {
        pass(`${name}:before`)
        const refused = refuse(name)
        if (refused !== null) return refused.answer
        const answer: unknown = await Reflect.apply(value, target, given)
        pass(`${name}:after`)
        return answer
      }
    },
  })
}
