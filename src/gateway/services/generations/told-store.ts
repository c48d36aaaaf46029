import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'

/** Is told what became durable: each event of a generation once, and none that was not stored. It must not throw. */
export interface StoreListener {
  /** `generation`: as it was stored with these events. */
  stored(generation: Generation, entries: readonly LogEntry[], requestId: string | null): void
  removed?(id: GenerationId, audit: AuditEntry | undefined): void
}

/** A store that tells its listeners of what became durable. */
export function toldStore(store: GenerationStorage, listeners: readonly StoreListener[]): GenerationStorage {
  const tell: StoreListener['stored'] = (generation, entries, requestId) => {
    for (const listener of listeners) listener.stored(generation, entries, requestId)
  }
  /** Of what is being stored for the first time: ends when all was told that became durable until now. Never rejects. */
  const telling = new Map<GenerationId, Promise<void>>()
  const follow = (id: GenerationId, work: Promise<unknown>): void => {
    const ended = work.then(
      () => undefined,
      () => undefined,
    )
    telling.set(id, ended)
    void ended.then(() => telling.get(id) === ended && telling.delete(id))
  }
  const insert: GenerationStorage['insert'] = async (generation, terms) => {
    const outcome = await store.insert(generation, terms)
    if (outcome.type === 'inserted') tell(generation, terms.entries, terms.audit?.accepted.requestId ?? null)
    return outcome
  }
  return {
    ...store,
    insert(generation, terms) {
      const inserted = insert(generation, terms)
      follow(generation.id, inserted)
      return inserted
    },
    async save(next, terms) {
      const outcome = await store.save(next, terms)
      if (outcome !== 'saved') return outcome
      const said = (): void => tell(next, terms.entries, terms.audit?.requestId ?? null)
      const before = telling.get(next.id)
      // One that shares the commit of the insert is told after it. Its work does not wait for that.
      if (before === undefined) said()
      else follow(next.id, before.then(said))
      return outcome
    },
    async remove(id, audit) {
      await store.remove(id, audit)
      for (const listener of listeners) listener.removed?.(id, audit)
    },
  }
}
