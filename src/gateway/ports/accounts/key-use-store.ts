import type { KeyId } from '../../domain/ids.ts'

/** A call that a key was shown for, in ms since the epoch. */
export interface KeyUse {
  keyId: KeyId
  at: number
}

/** When keys were last used, also keys that are not made by the API. */
export interface KeyUseStore {
  /** Null: never, or before uses were recorded. */
  lastUse(id: KeyId): Promise<number | null>
  /** Of each key the latest use counts, in whatever order they come. */
  record(uses: readonly KeyUse[]): Promise<void>
}
