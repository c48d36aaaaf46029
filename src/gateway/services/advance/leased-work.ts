import { isDeepStrictEqual } from 'node:util'
import type { GenerationEvent } from '../../domain/generation/event.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { LogEntry } from '../../domain/generation/history.ts'
import { dayStartOf } from '../../domain/steering/spend-cap.ts'
import { nextStep } from '../../domain/scheduling/next-step.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type {
  GenerationStore,
  JobClaim,
  SaveOutcome,
  SaveTerms,
  SlotLimit,
  Stored,
} from '../../ports/generations/generation-store.ts'
import type { UpstreamGate } from './upstream-gate.ts'

/** `isHeld`: false once another owner may have it. Answers at once, so that nothing comes between the answer and its use. */
export interface Lease {
  owner: string
  isHeld: () => boolean
}

interface RecordOptions {
  fact?: boolean
  ifUnchanged?: boolean
  slot?: SlotLimit | undefined
}

/** Told once what became of an event that was not stored at once: the generation as it is stored since, or null if nothing was. */
type Ended = (stored: Generation | null) => void

/**
 * The work on one generation under one lease. `generation` is the last version known to be stored, with what was noted since by
 * `recordLater`.
 */
export interface LeasedWork {
  readonly generation: Generation
  /** True once the lease was let go of with the last save, because nothing more is due. */
  readonly released: boolean
  /** False once another worker may have taken over. To be asked right before something leaves that must not leave twice. */
  isHeld(): boolean
  /**
   * Applies an event and stores the result. A newer version written by someone else is taken up and the event applied to
   * that. `fact` marks what an upstream did (a create's answer): it is stored even when the lease is gone, because the
   * job exists whoever holds the lease; anything else throws `LeaseLostError` then. `slot`: what the attempt that starts
   * must fit into, else `NoSlotError`. `ifUnchanged`: a newer version counts as a lost lease.
   */
  record(event: GenerationEvent, options?: RecordOptions): Promise<void>
  /**
   * Applies an event that is stored in one write with the next one, because nobody needs to know of it before. If somebody else
   * changed the generation meanwhile, neither is stored, and `generation` is what they left: the work begins anew there.
   */
  recordLater(event: GenerationEvent, ended: Ended): void
  /** Stores now what `recordLater` noted; false if it no longer applied. */
  settle(): Promise<boolean>
  /** Forgets what `recordLater` noted and nobody stored. Call it at the end. */
  discard(): void
}

/** Another worker owns this generation now, or it was deleted. The work stops; this is not an error. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** Submissions were paused before this one was committed. Nothing was stored. */
export class SubmissionPausedError extends Error {
  override readonly name = 'SubmissionPausedError'
}

/** The attempt does not fit below the spend cap of its upstream. Nothing was stored. */
export class SpendCapError extends Error {
  override readonly name = 'SpendCapError'
}

/** Other processes took the last free slot of the upstream. Nothing was stored. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError'
}

/** At most two writers (a caller and a worker) change one generation at a time. More rounds indicate a bug. */
const conflictRounds = 8

interface LeasedWorkDeps {
  store: Pick<GenerationStore, 'save' | 'get'>
  bus: Pick<EventBus, 'publish'>
  clock: Clock
  gate: Pick<UpstreamGate, 'observe' | 'view'>
}

export function createLeasedWork(
  { store, bus, clock, gate }: LeasedWorkDeps,
  { owner, isHeld }: Lease,
  stored: Stored,
): LeasedWork {
  let { generation, version } = stored
  let released = false
  /** `generation` has it already. */
  const later = createLater()

  async function write(
    event: GenerationEvent | null,
    { fact = false, slot }: RecordOptions,
  ): Promise<SaveOutcome | 'known'> {
    const applied = event === null ? { generation, entries: [] } : transition(generation, event)
    const { generation: next } = applied
    const entries = [...later.entries(), ...applied.entries]
    const release = nextStep(next, clock.now()) === null
    let outcome = await store.save(next, {
      version,
      entries,
      lease: { owner, release },
      audit: undefined,
      ...(event !== null && termsOf(next, event, gate)),
      slot,
    })
    if (outcome === 'lease_lost' && fact) {
      // Whoever took over may have found it out as well.
      if (isDeepStrictEqual(next, generation)) return 'known'
      outcome = await store.save(next, { version, entries, lease: null })
    }
    if (outcome === 'saved') {
      generation = next
      version += 1
      released = release
      gate.observe(next)
      if (entries.length > 0) bus.publish(next.id)
      later.end(next)
    }
    return outcome
  }

  /** False if others changed it, and what was noted for later was given up. */
  async function storeWith(event: GenerationEvent | null, options: RecordOptions): Promise<boolean> {
    for (let round = 0; round < conflictRounds; round++) {
      const outcome = await write(event, options)
      if (outcome === 'saved' || outcome === 'known') return true
      assertGoesOn(outcome, generation, options)
      ;({ generation, version } = await reload(store, generation.id))
      if (later.end(generation)) return false
    }
    throw new Error(`generation ${generation.id} kept changing while ${event?.type} was stored`)
  }

  return {
    get generation() {
      return generation
    },
    get released() {
      return released
    },
    isHeld,
    async record(event, options = {}) {
      await storeWith(event, options)
    },
    recordLater(event, ended) {
      const { generation: next, entries } = transition(generation, event)
      generation = next
      later.add(entries, ended)
    },
    settle: () => (later.isEmpty() ? Promise.resolve(true) : storeWith(null, {})),
    discard: () => void later.end(null),
  }
}

/** What was noted by `recordLater`. */
function createLater() {
  const noted: Array<{ entries: LogEntry[]; ended: Ended }> = []
  return {
    isEmpty: () => noted.length === 0,
    entries: () => noted.flatMap((each) => each.entries),
    add: (entries: LogEntry[], ended: Ended) => void noted.push({ entries, ended }),
    /** False if there was nothing. */
    end(as: Generation | null): boolean {
      const ending = noted.splice(0)
      for (const { ended } of ending) ended(as)
      return ending.length > 0
    },
  }
}

/** Throws unless the write may be tried again on what others stored. */
function assertGoesOn(
  outcome: Exclude<SaveOutcome, 'saved'>,
  { id }: Generation,
  { ifUnchanged }: RecordOptions,
): void {
  if (outcome === 'paused') throw new SubmissionPausedError(`${id} may not be sent now`)
  if (outcome === 'over_spend_cap') throw new SpendCapError(`${id} may not start now`)
  if (outcome === 'no_slot') throw new NoSlotError(`${id} may not start now`)
  if (outcome === 'lease_lost' || ifUnchanged === true) throw new LeaseLostError(`lease of ${id} is lost`)
}

function termsOf(
  next: Generation,
  event: GenerationEvent,
  gate: Pick<UpstreamGate, 'view'>,
): Pick<SaveTerms, 'claim' | 'unlessPaused' | 'spendLimit'> {
  return {
    claim: claimOf(next, event),
    unlessPaused: leavesFor(next, event),
    spendLimit: spendLimitOf(event, gate),
  }
}

/** Whoever else looks for a lost job may have found the same one since its owner was looked up. */
function claimOf({ attempts }: Generation, event: GenerationEvent): JobClaim | undefined {
  if (event.type !== 'job_found') return undefined
  const upstream = attempts.find(({ id }) => id === event.attemptId)?.upstream
  return upstream === undefined
    ? undefined
    : { attemptId: event.attemptId, upstream, upstreamId: event.job.upstreamId }
}

async function reload(store: Pick<GenerationStore, 'get'>, id: GenerationId): Promise<Stored> {
  const stored = await store.get(id)
  if (stored === null) throw new LeaseLostError(`generation ${id} was deleted`)
  return stored
}

/** An attempt counts on the day on which it starts and its money is reserved. */
function spendLimitOf(event: GenerationEvent, gate: Pick<UpstreamGate, 'view'>): SaveTerms['spendLimit'] {
  if (event.type !== 'attempt_started') return undefined
  const { upstream, reservedMicros: micros } = event.attempt
  const capMicros = gate.view(upstream)?.spec.spendMicrosPerDay
  return capMicros === undefined ? undefined : { upstream, capMicros, dayStart: dayStartOf(event.at), micros }
}

/** The upstream that a create is about to leave for. */
function leavesFor(next: Generation, event: GenerationEvent): SaveTerms['unlessPaused'] {
  if (event.type !== 'submitting') return undefined
  const attempt = next.attempts.find(({ id }) => id === event.attemptId)
  return attempt?.state === 'submitting' ? { upstream: attempt.upstream, at: event.at } : undefined
}
