import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'

/** In hand at the same time, of all tenants together. */
const concurrency = 16
/** Longer than a step may take; after it another process may take over. */
const leaseMs = 150_000
/** Slower work is given up and its place is freed; what it stored meanwhile is found again by its ID. */
const stepMs = 120_000
/** A round waits no longer for who is slow; what is in hand goes on beside the next rounds. */
const roundMs = 1000
const troubleMs = 30_000

interface Claim<Id> {
  now: number
  until: number
  limit: number
  perTenant: number
  underWay: ReadonlyArray<{ id: Id; tenant: string }>
}

/** Resolves after so many milliseconds; rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>

/** What hangs does not keep the process from ending. */
const realPause: Pause = (ms, signal) => pause(ms, undefined, { signal, ref: false })

interface RoundsDeps<Id extends string, Stored> {
  clock: Clock
  logger: Logger
  /** How the end of a step's time is waited for; real time when absent. */
  stepPause?: Pause | undefined
  /** What an item is called in the log. */
  noun: string
  store: {
    claimDue(claim: Claim<Id>): Promise<Stored[]>
    noteCrash(ids: readonly Id[]): Promise<void>
    setCrashedAside(ids: readonly Id[], now: number): Promise<unknown>
  }
  /** In hand at the same time, of one tenant. */
  perTenant: number
  itemOf: (stored: Stored) => { id: Id; tenant: string }
  /** Does what is due; answers how to store what came of it. */
  work: (stored: Stored) => Promise<() => Promise<unknown>>
  /** Lets go of an item whose work failed, until then. */
  later: (stored: Stored, dueAt: number) => Promise<unknown>
}

export interface Rounds {
  /** Takes up what is due; how many it took up. */
  round(): Promise<number>
  /** Counts an uncaught error against what is in hand. */
  noteCrash(): Promise<void>
}

/** Processes long work with leases, a few items per tenant at a time, so that hanging work delays only its own tenant. */
export function createRounds<Id extends string, Stored>(deps: RoundsDeps<Id, Stored>): Rounds {
  const { clock, logger, noun, store, perTenant, itemOf, stepPause = realPause } = deps
  const inHand = new Map<Id, { id: Id; tenant: string }>()

  async function work(stored: Stored): Promise<void> {
    const { id, tenant } = itemOf(stored)
    inHand.set(id, { id, tenant })
    try {
      const save = await within(stepMs, deps.work(stored), stepPause)
      await save()
    } catch (error) {
      logger.error({ err: error, [noun]: id }, `failed to advance a ${noun}; retrying`)
      await later(stored)
    } finally {
      inHand.delete(id)
    }
  }

  /** Releases failed work, so that its next try does not wait for the lease and no crash is counted for it. */
  async function later(stored: Stored): Promise<void> {
    await deps.later(stored, clock.now() + troubleMs).catch((error: unknown) => {
      logger.error(
        { err: error, [noun]: itemOf(stored).id },
        `failed to store a ${noun}; retrying when its lease expires`,
      )
    })
  }

  return {
    async round() {
      const underWay = [...inHand.values()]
      const limit = concurrency - underWay.length
      if (limit <= 0) return 0
      const now = clock.now()
      const claimed = await store.claimDue({ now, until: now + leaseMs, limit, perTenant, underWay })
      const over = new AbortController()
      const late = pause(roundMs, undefined, { signal: over.signal }).catch(() => undefined)
      await Promise.race([Promise.all(claimed.map(work)), late])
      over.abort()
      return claimed.length
    },
    async noteCrash() {
      const ids = [...inHand.keys()]
      await store.noteCrash(ids)
      await store.setCrashedAside(ids, clock.now())
    },
  }
}

async function within<T>(ms: number, work: Promise<T>, wait: Pause): Promise<T> {
  const over = new AbortController()
  const late = wait(ms, over.signal).then(() => {
    throw new Error(`not done within ${ms / 1000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    // What hangs may still fail.
    work.catch(() => undefined)
    over.abort()
  }
}
