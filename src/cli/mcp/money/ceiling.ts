/** Money in micro-dollars, as whole numbers, so that sums are exact. */

/** What one create may cost, from before its request leaves. */
interface Reservation {
  /** `max_cost_usd` of the request. */
  readonly askedMicros: number
  /** Requests with this idempotency key that are under way. */
  readonly senders: number
  /** Whether an answer was lost, so that the gateway may have accepted the request. */
  readonly isUncertain: boolean
  readonly generationId: string | null
  readonly isOver: boolean
  /** Whether its cost is final. */
  readonly isSettled: boolean
  readonly spentMicros: number
  readonly reservedMicros: number
  /** The revision of the ceiling that changed its money last. */
  readonly revision: number
}

/** The ceiling of one process, and what counts against it, by idempotency key. */
export interface Ceiling {
  readonly maxMicros: number
  readonly reservations: ReadonlyMap<string, Reservation>
  /** Grows with every change. */
  readonly revision: number
}

/** What the gateway says about the money of a generation. */
export interface SeenCost {
  readonly generationId: string
  /** Whether it has ended. */
  readonly isOver: boolean
  /** Of settled attempts. */
  readonly costMicros: number
  /** The most that attempts without a verdict may cost. */
  readonly reservedMicros: number
}

export type Reserved =
  | { readonly ok: true; readonly ceiling: Ceiling; readonly isRepeat: boolean }
  | { readonly ok: false; readonly reason: 'above_ceiling' | 'too_many' }

/** Bounds the memory of a process. */
const mostReservations = 10_000

export function ceilingOf(maxMicros: number): Ceiling {
  return { maxMicros, reservations: new Map(), revision: 0 }
}

/**
 * Sets money aside for a request that is about to leave. A request with a key that is known has its money already. Money is
 * only set aside if everything that counts stays within the ceiling.
 */
export function reserve(ceiling: Ceiling, key: string, askedMicros: number): Reserved {
  const known = ceiling.reservations.get(key)
  if (known !== undefined)
    return { ok: true, ceiling: put(ceiling, key, { ...known, senders: known.senders + 1 }), isRepeat: true }
  if (askedMicros > leftMicros(ceiling)) return { ok: false, reason: 'above_ceiling' }
  if (ceiling.reservations.size >= mostReservations) return { ok: false, reason: 'too_many' }
  const made: Reservation = {
    askedMicros,
    senders: 1,
    isUncertain: false,
    generationId: null,
    isOver: false,
    isSettled: false,
    spentMicros: 0,
    reservedMicros: askedMicros,
    revision: ceiling.revision,
  }
  return { ok: true, ceiling: put(ceiling, key, made), isRepeat: false }
}

/** The gateway has stored the request. The answer to a repeated request is the first one again, so its money is old. */
export function accepted(ceiling: Ceiling, key: string, seen: SeenCost): Ceiling {
  const known = ceiling.reservations.get(key)
  if (known === undefined) return ceiling
  const sent = { ...known, senders: known.senders - 1 }
  if (known.generationId !== null) return put(ceiling, key, sent)
  return put(ceiling, key, withCost(ceiling, { ...sent, generationId: seen.generationId }, seen))
}

/** The gateway has not stored this request. The money is free again unless another request with the key may have been stored. */
export function refused(ceiling: Ceiling, key: string): Ceiling {
  const known = ceiling.reservations.get(key)
  if (known === undefined) return ceiling
  const sent = { ...known, senders: known.senders - 1 }
  if (sent.senders > 0 || sent.isUncertain || sent.generationId !== null) return put(ceiling, key, sent)
  const reservations = new Map(ceiling.reservations)
  reservations.delete(key)
  return { ...ceiling, reservations, revision: ceiling.revision + 1 }
}

/** Nobody knows whether the gateway has stored the request: it counts as spent. */
export function lost(ceiling: Ceiling, key: string): Ceiling {
  const known = ceiling.reservations.get(key)
  if (known === undefined) return ceiling
  const sent = { ...known, senders: known.senders - 1, isUncertain: true }
  if (sent.generationId !== null) return put(ceiling, key, sent)
  return put(ceiling, key, { ...sent, spentMicros: sent.askedMicros, reservedMicros: 0 })
}

/**
 * Takes over what a generation has cost, as read since revision `since`. Reads overlap: one that began before the last one
 * ended may be older, and must not set aside again what was given back. Generations of other processes do not count.
 */
export function observed(ceiling: Ceiling, seen: SeenCost, since: number): Ceiling {
  const found = [...ceiling.reservations].find(([, { generationId }]) => generationId === seen.generationId)
  if (found === undefined) return ceiling
  const [key, known] = found
  const isNewer = known.isOver === seen.isOver ? known.revision <= since : seen.isOver
  return isNewer ? put(ceiling, key, withCost(ceiling, known, seen)) : ceiling
}

/** The generations whose money can still change. */
export function openGenerations({ reservations }: Ceiling): string[] {
  return [...reservations.values()].flatMap(({ generationId, isSettled }) =>
    isSettled || generationId === null ? [] : [generationId],
  )
}

export function spentMicros({ reservations }: Ceiling): number {
  return sum(reservations, (one) => one.spentMicros)
}

export function reservedMicros({ reservations }: Ceiling): number {
  return sum(reservations, (one) => one.reservedMicros)
}

/** Never negative, although a vendor may bill more than its price list says. */
export function leftMicros(ceiling: Ceiling): number {
  return Math.max(0, ceiling.maxMicros - spentMicros(ceiling) - reservedMicros(ceiling))
}

/** Rounded down to whole micro-dollars. What is added is for amounts such as 0.29, which is less than 290,000 micro-dollars as a float. */
export function microsOf(usd: number): number {
  return Math.floor(usd * 1e6 + 1e-3)
}

export function usdOf(micros: number): number {
  return micros / 1e6
}

/** While it is not over, another attempt may follow, so all that was asked for stays set aside. What nobody knows in the end counts as spent. */
function withCost(
  { revision }: Ceiling,
  known: Reservation,
  { isOver, costMicros, reservedMicros: held }: SeenCost,
): Reservation {
  const changed = { ...known, isOver, isSettled: isOver && held === 0, revision: revision + 1 }
  if (isOver) return { ...changed, spentMicros: costMicros + held, reservedMicros: 0 }
  const rest = Math.max(known.askedMicros - costMicros, held)
  return { ...changed, spentMicros: costMicros, reservedMicros: rest }
}

function put(ceiling: Ceiling, key: string, reservation: Reservation): Ceiling {
  return {
    ...ceiling,
    reservations: new Map(ceiling.reservations).set(key, reservation),
    revision: ceiling.revision + 1,
  }
}

function sum(reservations: Ceiling['reservations'], amountOf: (one: Reservation) => number): number {
  return [...reservations.values()].reduce((total, one) => total + amountOf(one), 0)
}
