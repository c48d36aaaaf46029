import type { KeyId } from '../../domain/ids.ts'
import type { KeyUseStore } from '../../ports/accounts/key-use-store.ts'
import type { Clock } from '../../ports/clock.ts'

/** When keys were last used. A call only notes it in memory; a minute of notes is written at once. */
export interface KeyUses {
  note(id: KeyId): void
  /** Null: never. */
  lastUse(id: KeyId): Promise<number | null>
  /** Writes what was noted since the last time, one row a key. What cannot be written is kept for the next time. */
  flush(): Promise<void>
}

export function createKeyUses({ uses, clock }: { uses: KeyUseStore; clock: Clock }): KeyUses {
  /** One entry for each valid key at most. */
  let noted = new Map<KeyId, number>()
  return {
    note(id) {
      noted.set(id, clock.now())
    },
    async lastUse(id) {
      const latest = noted.get(id) ?? null
      const stored = await uses.lastUse(id)
      return latest === null || stored === null ? (latest ?? stored) : Math.max(latest, stored)
    },
    async flush() {
      if (noted.size === 0) return
      const taken = noted
      noted = new Map()
      try {
        await uses.record([...taken].map(([keyId, at]) => ({ keyId, at })))
      } catch (error) {
        noted = new Map([...taken, ...noted])
        throw error
      }
    },
  }
}
