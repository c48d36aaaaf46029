import { takesSlot } from '../../domain/attempts/slot.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { AttemptId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'

/** How many attempts each upstream works on, or is about to. */
export interface UpstreamSlots {
  /** Whether other processes take slots too, so that only the store can say whether one is free. */
  readonly isShared: boolean
  /** Before this every slot looks free. */
  start(): Promise<void>
  /** Brings the count up to date, where others change it. */
  refresh(): Promise<void>
  taken(upstream: string): number
  /** Holds a slot for an attempt about to start, until `observe` sees it end. */
  hold(upstream: string, attempt: AttemptId): void
  /** Gives a held slot back whose attempt came to nothing. */
  drop(upstream: string, attempt: AttemptId): void
  observe(generation: Generation): void
  /** The store refused a slot: `limit` are taken. */
  refused(upstream: string, limit: number): void
}

interface SlotDeps {
  store: Pick<GenerationLedger, 'liveAttempts' | 'slotsTaken'>
  clock: Clock
}

/** Where this process alone starts attempts: what it saw is the truth. */
export function createOwnSlots({ store, clock }: SlotDeps): UpstreamSlots {
  const held = new Map<string, Set<AttemptId>>()

  /** Of any upstream that ever had an attempt: one that is configured anew finds what is still under way there. */
  function heldAt(upstream: string): Set<AttemptId> {
    const found = held.get(upstream) ?? new Set()
    held.set(upstream, found)
    return found
  }

  return {
    isShared: false,
    async start() {
      for (const { id, upstream } of await store.liveAttempts()) heldAt(upstream).add(id)
    },
    refresh: () => Promise.resolve(),
    taken: (upstream) => held.get(upstream)?.size ?? 0,
    hold(upstream, attempt) {
      heldAt(upstream).add(attempt)
    },
    drop(upstream, attempt) {
      held.get(upstream)?.delete(attempt)
    },
    observe(generation) {
      for (const attempt of generation.attempts) {
        if (takesSlot(generation, attempt, clock.now())) heldAt(attempt.upstream).add(attempt.id)
        else held.get(attempt.upstream)?.delete(attempt.id)
      }
    },
    refused: () => undefined,
  }
}

/** How long a count serves: at most, and while a slot may have become free here. */
const longestAgeMs = 1000
const shortestAgeMs = 100

/**
 * Where several processes start attempts. What is counted here only saves asking the store in vain: it decides in the
 * transaction that stores the attempt.
 */
export function createSharedSlots({ store, clock }: SlotDeps): UpstreamSlots {
  const holding = new Map<string, Set<AttemptId>>()
  let counted = new Map<string, number>()
  let countedAt = -Infinity
  let maybeFree = false
  let counting: Promise<void> | null = null

  async function count(): Promise<void> {
    const now = clock.now()
    maybeFree = false
    counted = await store.slotsTaken(now)
    countedAt = now
  }

  async function refresh(): Promise<void> {
    const age = Math.abs(clock.now() - countedAt)
    if (age < (maybeFree ? shortestAgeMs : longestAgeMs)) return
    counting ??= count().finally(() => {
      counting = null
    })
    await counting
  }

  return {
    isShared: true,
    start: refresh,
    refresh,
    taken: (upstream) => (counted.get(upstream) ?? 0) + (holding.get(upstream)?.size ?? 0),
    hold(upstream, attempt) {
      const held = holding.get(upstream) ?? new Set()
      holding.set(upstream, held.add(attempt))
    },
    drop(upstream, attempt) {
      holding.get(upstream)?.delete(attempt)
    },
    observe(generation) {
      for (const attempt of generation.attempts) {
        const { id, upstream } = attempt
        const isTaken = takesSlot(generation, attempt, clock.now())
        const isStored = holding.get(upstream)?.delete(id) === true
        if (isStored && isTaken) counted.set(upstream, (counted.get(upstream) ?? 0) + 1)
        if (!isTaken) maybeFree = true
      }
    },
    refused(upstream, limit) {
      counted.set(upstream, Math.max(limit, counted.get(upstream) ?? 0))
    },
  }
}
