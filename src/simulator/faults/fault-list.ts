import type { Fault, FaultKind, FaultOf, FaultTarget } from './fault.ts'
import { operations } from './fault.ts'

export interface FaultStatus {
  fault: Fault
  /** The number of requests that it has hit. */
  hits: number
  /** Whether its `times` are used up. */
  spent: boolean
}

/** The faults of one upstream, in order. The first one that applies to a request is used. */
export interface FaultList {
  replace(faults: Fault[]): void
  add(fault: Fault): void
  list(): FaultStatus[]
  /**
   * Takes the first active fault of these kinds for this operation, which uses up one of its `times`. With `accepted`,
   * only faults whose job exists are found; without, only the others.
   */
  take<K extends FaultKind>(
    operation: FaultTarget,
    kinds: readonly K[],
    accepted?: boolean,
  ): FaultOf<K> | null
}

const everywhere: ReadonlySet<FaultKind> = new Set<FaultKind>(['down', 'slow', 'unauthorized'])
const pollOnly: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'vanished',
  'odd_progress',
  'odd_status',
  'no_url',
  'odd_body',
])
const contentOnly: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'truncated',
  'drip',
  'wrong_type',
  'not_ready',
  'expired',
  'redirect',
])

const characterOnly: ReadonlySet<FaultKind> = new Set<FaultKind>(['character_fails', 'character_stuck'])

function aim(fault: Fault): readonly FaultTarget[] {
  if ('on' in fault && fault.on !== undefined) return fault.on
  if (everywhere.has(fault.kind)) return operations
  if (pollOnly.has(fault.kind)) return ['poll']
  if (fault.kind === 'odd_wrapping') return ['create', 'poll']
  if (contentOnly.has(fault.kind)) return ['content']
  if (characterOnly.has(fault.kind)) return ['character_create']
  if (fault.kind === 'odd_webhook') return ['webhook']
  return ['create']
}

function isAccepted(fault: Fault, operation: FaultTarget): boolean {
  const makesSomething = operation === 'create' || operation === 'character_create'
  return makesSomething && 'accepted' in fault && fault.accepted
}

function isOf<K extends FaultKind>(fault: Fault, kinds: readonly K[]): fault is FaultOf<K> {
  return kinds.some((kind) => kind === fault.kind)
}

function isSpent({ fault, hits }: { fault: Fault; hits: number }): boolean {
  return fault.times !== undefined && hits >= fault.times
}

export function createFaultList(): FaultList {
  let entries: { fault: Fault; seen: number; hits: number }[] = []

  return {
    replace(faults) {
      entries = faults.map((fault) => ({ fault, seen: 0, hits: 0 }))
    },
    add(fault) {
      entries.push({ fault, seen: 0, hits: 0 })
    },
    list: () => entries.map((entry) => ({ fault: entry.fault, hits: entry.hits, spent: isSpent(entry) })),
    take(operation, kinds, accepted = false) {
      for (const entry of entries) {
        const { fault } = entry
        if (isSpent(entry) || !isOf(fault, kinds)) continue
        if (!aim(fault).includes(operation) || isAccepted(fault, operation) !== accepted) continue
        entry.seen += 1
        if (entry.seen <= fault.after) continue
        entry.hits += 1
        return fault
      }
      return null
    },
  }
}
