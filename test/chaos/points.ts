import type { Wrappers } from '../../src/gateway/wiring/stores.ts'
import type { CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import type { Upstream } from '../../src/gateway/ports/upstream.ts'
import { StorageError } from '../../src/gateway/storage/engine/storage-error.ts'

type Call =
  | `store.${keyof GenerationStorage}`
  | `characters.${keyof CharacterStore}`
  | `archive.${keyof MediaArchive}`
  | `upstream.${Exclude<keyof Upstream, 'spec'>}`

/**
 * Before a call: it was decided but not made. During: the call was made, and the process is killed from outside within
 * a few milliseconds, wherever the transaction, request or file is by then. After: it was made, is durable or sent, and
 * the gateway does not know.
 */
export const moments = ['before', 'during', 'after'] as const

/** The calls to adapters at which the gateway is killed, by how often and how early they occur in a life. */
export const calls: Record<'always' | 'often' | 'sometimes' | 'seldom', Call[]> = {
  always: ['store.releaseAll', 'characters.dueBindings', 'store.liveAttempts', 'store.statistics'],
  often: ['store.claimDue', 'store.save', 'store.nextDueAt', 'upstream.poll', 'upstream.listRecent'],
  sometimes: [
    'store.insert',
    'store.findIdempotency',
    'store.get',
    'store.events',
    'store.ownsJob',
    'upstream.create',
    'upstream.createCharacter',
    'upstream.fetchVideo',
    'characters.changeBinding',
  ],
  seldom: [
    'archive.put',
    'store.remove',
    'upstream.cancel',
    'upstream.pollCharacter',
    'characters.insert',
    'archive.cut',
    'archive.remove',
  ],
}

/** Called at `name:before`, `name:during` and `name:after` of every call to an adapter. */
export type Passing = (point: string) => void

/**
 * Calls that fail while the disk is full; reads do not. The release of all leases at start is left out: if it fails,
 * the gateway exits with a message, which is right, but would count as a crash here.
 */
const writes = new Set<string>([
  'store.insert',
  'store.save',
  'store.claimDue',
  'store.release',
  'store.renew',
  'store.remove',
  'characters.insert',
  'characters.update',
  'characters.changeStills',
  'characters.remove',
  'characters.changeBinding',
] satisfies Call[])
const files = new Set<string>(['archive.put', 'archive.cut'] satisfies Call[])
const fullMessage = 'database or disk is full'

/** Puts named points around every call of the gateway to its store, characters, archive and upstreams. */
export function createWrappers(pass: Passing, isFull: () => boolean): Wrappers {
  const refuse = (name: string): { answer: unknown } | null => {
    if (!isFull()) return null
    if (writes.has(name)) throw new StorageError('disk_full', fullMessage)
    return files.has(name) ? { answer: { type: 'no_space', message: fullMessage } } : null
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
        holderOf: (id, account) => directory.holderOf(id, account),
      }
    },
  }
}

/** Synchronous calls. No work happens during them, so the process cannot be killed there. */
const synchronous = new Set(['mention', 'breakers', 'outages', 'read', 'close'])

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
        const answering: unknown = Reflect.apply(value, target, given)
        pass(`${name}:during`)
        const answer = await answering
        pass(`${name}:after`)
        return answer
      }
    },
  })
}
