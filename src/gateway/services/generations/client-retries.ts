import type { Client } from '../../domain/accounts/client.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { IdempotencyStore } from '../../ports/generations/idempotency-store.ts'
import { deleted } from '../once-only.ts'
import type { ClientCall } from './generations.ts'

/** How long after a create its client may still be sending it again. */
export const retryMs = 10 * 60_000

/** A caller and a worker write at most; each round takes up the other's version. */
const conflictRounds = 10

export interface ClientRetries {
  /**
   * The generation that this retry is about, with the warning that it was answered again; null when it is a new request.
   * Throws when the generation was deleted since: the retry is no new request.
   */
  answerOf(client: Client, call: ClientCall): Promise<Generation | null>
  /** Runs the first sending of a create; a retry that comes meanwhile waits for it. */
  first<T>(client: Client, call: ClientCall, accept: () => Promise<T>): Promise<T>
}

function nameOf({ tenant, key }: Client, { path, requestHash }: ClientCall): string {
  return JSON.stringify([tenant, key, path, requestHash])
}

/**
 * SDKs retry a create by themselves when its response is lost (a reset, a 5xx of a proxy), while their caller knows of one
 * create only. A retry is therefore the same request: same key, path and content within ten minutes.
 */
export function createClientRetries(deps: {
  store: GenerationStore & IdempotencyStore
  clock: Clock
}): ClientRetries {
  const { store, clock } = deps
  const running = new Map<string, Promise<unknown>>()

  async function warned(id: GenerationId): Promise<Generation> {
    for (let round = 0; round < conflictRounds; round++) {
      const stored = await store.get(id)
      if (stored === null) throw deleted()
      const { generation, entries } = transition(stored.generation, {
        type: 'create_repeated',
        at: clock.now(),
      })
      const outcome = await store.save(generation, { version: stored.version, entries, lease: null })
      if (outcome === 'saved') return generation
    }
    // The response matters more than its warning.
    const stored = await store.get(id)
    if (stored === null) throw deleted()
    return stored.generation
  }

  return {
    async answerOf(client, call) {
      // Its own failure is that call's answer; this one finds out whether anything was stored.
      await running.get(nameOf(client, call))?.catch(() => null)
      const { tenant, key } = client
      const { path, requestHash, retry } = call
      const since = clock.now() - retryMs
      const id = await store.takeRetried({ tenant, key, path, requestHash, since, retry })
      return id === null ? null : warned(id)
    },
    async first(client, call, accept) {
      const name = nameOf(client, call)
      const accepted = accept()
      running.set(name, accepted)
      try {
        return await accepted
      } finally {
        if (running.get(name) === accepted) running.delete(name)
      }
    },
  }
}
