import type { Client } from './client.ts'
import type { Followed } from './follower.ts'
import type { Asked } from './order.ts'
import { finalStatuses } from './shown.ts'
import type { ShownEvent, ShownGeneration } from './shown.ts'

/** A generation when its caller deleted it. Nothing about it could change any more. */
export interface Deleted {
  generation: ShownGeneration
  events: ShownEvent[]
  key: Asked['key']
}

/** What the callers requested, saw and received. */
export interface Load {
  asked: Asked[]
  /** The last status that the API showed, and when. A final status must not change. */
  seen: Map<string, { status: string; at: number }>
  followed: Followed[]
  /** Event streams that are open, or about to be reopened. */
  following: number
  deleted: Map<string, Deleted>
  /** Names of characters that got a 201. */
  characters: string[]
  cancels: number
  replays: number
  /** A final status that changed: `id: before → after`. */
  changed: string[]
  /** Calls that failed but should have worked: `what: status`. */
  problems: string[]
  /** Notes that the response to a request sent at `askedAt` showed this status. */
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
        // A response that was on its way when another one showed the end is only outdated.
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
  /** Nothing new starts after `ending`, and nothing is awaited after `over`. */
  ending: AbortSignal
  over: AbortSignal
}
