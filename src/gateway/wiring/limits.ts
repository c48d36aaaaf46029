import type { Clock } from '../ports/clock.ts'
import type { RequestCounts } from '../ports/accounts/request-counts.ts'
import type { GenerationLedger } from '../ports/generations/generation-ledger.ts'
import type { NodeRegistry } from '../ports/operations/node-registry.ts'
import { everyTurn } from '../ports/operations/work-turns.ts'
import type { WorkTurns } from '../ports/operations/work-turns.ts'
import type { UpstreamRates } from '../ports/operations/upstream-rates.ts'
import { createOwnSlots, createSharedSlots } from '../services/advance/upstream-slots.ts'
import type { UpstreamSlots } from '../services/advance/upstream-slots.ts'
import type { Database } from '../storage/engine/database.ts'
import { createOwnNode } from '../storage/fleet/own-node.ts'
import { createSharedNodes } from '../storage/fleet/shared-nodes.ts'
import { createSharedTurns } from '../storage/fleet/shared-turns.ts'
import { createLocalRates } from '../storage/limits/local-rates.ts'
import { createSharedRequestCounts } from '../storage/limits/shared-request-counts.ts'
import { createSharedRates } from '../storage/limits/shared-rates.ts'
import { checkSlots } from '../storage/postgres/check-slots.ts'

/** Who counts what upstreams and keys can take, and knows the nodes: a process that owns its database, or the database that several share. */
export interface Limits {
  slots: UpstreamSlots
  rates: UpstreamRates
  /** Null: each process counts the requests it answers. */
  requestCounts: RequestCounts | null
  registry: NodeRegistry
  turns: WorkTurns
  /** Compares what is counted of slots in a shared database with the attempts; resolves to how many sums were wrong. */
  checkSlots: () => Promise<number>
  /** Whether other processes claim from the same queue. */
  isShared: boolean
}

export function createLimits(parts: {
  database: Pick<Database, 'read' | 'write' | 'counters'>
  store: GenerationLedger
  clock: Clock
  nodeId: string
}): Limits {
  const { database } = parts
  const { counters } = database
  return counters === null
    ? {
        isShared: false,
        slots: createOwnSlots(parts),
        rates: createLocalRates(parts.clock),
        requestCounts: null,
        registry: createOwnNode(parts.clock),
        turns: everyTurn,
        checkSlots: () => Promise.resolve(0),
      }
    : {
        isShared: true,
        slots: createSharedSlots(parts),
        rates: createSharedRates(counters, parts.clock),
        requestCounts: createSharedRequestCounts(counters, parts.clock),
        registry: createSharedNodes(counters, parts.clock),
        turns: createSharedTurns(counters, parts.nodeId),
        checkSlots: () => checkSlots(database),
      }
}
