/** How long each kind of record is kept, in ms; null keeps it until something else removes it. */
export interface Retention {
  /** The whole record of a generation, with its files, events and deliveries. */
  generations: number | null
  /** The files that a request brought: references and source videos. */
  references: number | null
  events: number | null
  deliveries: number | null
  /** Attempts whose generation is gone. */
  attempts: number | null
  audit: number | null
  /** What upstreams answered. */
  exchanges: number
}

/** What decides of a generation for which nothing is due any more. */
export interface EndedFacts {
  createdAt: number
  /** An attempt that may still cost something. */
  hasOpenAttempt: boolean
  hasPendingDelivery: boolean
}

/** What of a generation is to go. */
export interface Removals {
  generation: boolean
  references: boolean
  events: boolean
  deliveries: boolean
}

/** Nothing goes while money is open or a webhook is not told yet. A whole record takes its parts with it. */
export function removalsDue(facts: EndedFacts, retention: Retention, now: number): Removals {
  const isClosed = !facts.hasOpenAttempt && !facts.hasPendingDelivery
  const isOver = (keptMs: number | null) => isClosed && keptMs !== null && facts.createdAt < now - keptMs
  const generation = isOver(retention.generations)
  return {
    generation,
    references: !generation && isOver(retention.references),
    events: !generation && isOver(retention.events),
    deliveries: !generation && isOver(retention.deliveries),
  }
}

/** Generations of this instant and later lose nothing yet; null when none ever does. */
export function retentionBound(retention: Retention, now: number): number | null {
  const { generations, references, events, deliveries } = retention
  const kept = [generations, references, events, deliveries].filter((each) => each !== null)
  return kept.length === 0 ? null : now - Math.min(...kept)
}
