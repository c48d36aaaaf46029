import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { InsertOutcome } from '../../ports/generations/generation-store.ts'
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
  /** What is being stored for the first time. */
  const inserts = new Map<GenerationId, Promise<InsertOutcome>>()
  const insert: GenerationStorage['insert'] = async (generation, terms) => {
    const outcome = await store.insert(generation, terms)
    if (outcome.type === 'inserted') tell(generation, terms.entries, terms.audit?.accepted.requestId ?? null)
    return outcome
  }
  return {
    ...store,
    insert(generation, terms) {
      const told = insert(generation, terms)
      inserts.set(generation.id, told)
      return told.finally(() => inserts.delete(generation.id))
    },
    async save(next, terms) {
      const outcome = await store.save(next, terms)
      // One that shares the commit of the insert is told after it.
      await inserts.get(next.id)?.catch(() => undefined)
      if (outcome === 'saved') tell(next, terms.entries, terms.audit?.requestId ?? null)
      return outcome
    },
    async remove(id, audit) {
      await store.remove(id, audit)
      for (const listener of listeners) listener.removed?.(id, audit)
    },
  }
}
