import type { Generation } from '../../domain/generation/generation.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import { logLineOf } from '../../domain/generation/log-line.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'
import type { Logger } from '../../ports/logger.ts'

/** A store that says in the log what became durable: a line for each event of a generation, and none for what was not stored. */
export function loggedStore(store: GenerationStorage, logger: Logger): GenerationStorage {
  const tell = (generation: Generation, entries: readonly LogEntry[], requestId: string | null): void => {
    for (const entry of entries) {
      const { level, fields, message } = logLineOf(generation, entry, requestId)
      logger[level](fields, message)
    }
  }
  return {
    ...store,
    async insert(generation, terms) {
      const outcome = await store.insert(generation, terms)
      if (outcome.type === 'inserted')
        tell(generation, terms.entries, terms.audit?.accepted.requestId ?? null)
      return outcome
    },
    async save(next, terms) {
      const outcome = await store.save(next, terms)
      if (outcome === 'saved') tell(next, terms.entries, terms.audit?.requestId ?? null)
      return outcome
    },
    async remove(id, audit) {
      await store.remove(id, audit)
      const { tenant = null, key = null, requestId = null } = audit ?? {}
      logger.info({ generation: id, tenant, client: key, request_id: requestId }, 'generation deleted')
    },
  }
}
