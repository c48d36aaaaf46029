import type { Client } from './client.ts'
import type { Followed } from './follower.ts'
import type { Asked } from './order.ts'
import { finalStatuses } from './shown.ts'
import type { ShownEvent, ShownGeneration } from './shown.ts'

/** A generation as it was when its caller had it deleted: nothing of it could change any more. */
export interface Deleted {
  generation: ShownGeneration
  events: ShownEvent[]
  key: Asked['key']
}

/** What the callers asked for, saw and were told. */
export interface Load {
  asked: Asked[]
  /** The last status that the API has shown, and when; a final one may never change. */
  seen: Map<string, { status: string; at: number }>
  followed: Followed[]
  /** Streams of events that are open now, or about to be opened again. */
  following: number
  deleted: Map<string, Deleted>
  /** Names of the characters that a 201 promised. */
  characters: string[]
  cancels: number
  replays: number
  /** A final status that changed: `id: before → after`. */
  changed: string[]
  /** What a caller could not do that it may do: `what: status`. */
  problems: string[]
  /** An answer to a request sent at `askedAt` showed this status. */
  note(id: string, status: string, askedAt: number): void
}

export function createLoad(): Load {
  const load: Load = {
    asked: [],
    seen: new Map(),
    followed: [],
    following: 0,
    deleted: new Map(),
    characters: [],
    cancels: 0,
    replays: 0,
    changed: [],
    problems: [],
    note(id, status, askedAt) {
      const before = load.seen.get(id)
      if (before !== undefined && finalStatuses.has(before.status)) {
        // An answer that was on its way when the end was shown elsewhere is merely old.
        if (before.status === status || askedAt <= before.at) return
        load.changed.push(`${id}: ${before.status} → ${status}`)
      }
      load.seen.set(id, { status, at: Date.now() })
    },
  }
  return load
}

export interface Stage {
  client: Client
  load: Load
  /** Where the simulator serves clips. */
  origin: string
  pictures: Buffer[]
  /** Nothing new is begun after `ending`; nobody waits any more after `over`. */
  ending: AbortSignal
  over: AbortSignal
}
