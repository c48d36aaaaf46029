import type { Fate } from './orders.ts'

export interface Key {
  id: string
  secret: string
  tenant: string
}

/** A generation that was accepted. */
export interface Known {
  id: string
  number: number
  key: Key
}

export interface Character {
  id: string
  name: string
  key: Key
}

/** A create with an `Idempotency-Key`, which may be sent again. */
export interface Repeatable {
  id: string
  key: Key
  idempotencyKey: string
  body: string
}

/** The last so many of something. */
export class Latest<T> {
  readonly #most: number
  readonly #items: T[] = []
  #next = 0

  constructor(most: number) {
    this.#most = most
  }

  add(item: T): void {
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.#most
  }

  /** `drawn`: 0 to less than 1; undefined while there is none. `of`: among the newest so many. */
  pick(drawn: number, of = this.#most): T | undefined {
    const among = Math.min(of, this.#items.length)
    const back = 1 + Math.floor(drawn * among)
    return this.#items[(this.#next - back + this.#items.length) % this.#items.length]
  }
}

/** What the callers know, and what they may expect. */
export interface World {
  keys: readonly Key[]
  vendor: string
  receiver: string
  known: Latest<Known>
  completed: Latest<Known>
  repeatable: Latest<Repeatable>
  /** The newest is last; those that are to be removed are not among them. */
  characters: Character[]
  /** By ID, each accepted generation that is to end with a webhook. */
  owed: Map<string, Known>
  /** Those of them that a webhook came for. */
  told: Set<string>
  accepted: Record<Fate, number>
  cancels: Set<string>
  nextNumber: number
}

export function createWorld(places: {
  keys: readonly Key[]
  vendor: string
  receiver: string
  firstNumber: number
}): World {
  return {
    keys: places.keys,
    vendor: places.vendor,
    receiver: places.receiver,
    known: new Latest(2000),
    completed: new Latest(500),
    repeatable: new Latest(500),
    characters: [],
    owed: new Map(),
    told: new Set(),
    accepted: { good: 0, jobFails: 0, turnedAway: 0, refused: 0 },
    cancels: new Set(),
    nextNumber: places.firstNumber,
  }
}
