import type { Client } from '../../../domain/accounts/client.ts'
import { transition } from '../../../domain/attempts/transition.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import { isTerminal } from '../../../domain/generation/liveness.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { Clock, Ids } from '../../../ports/clock.ts'
import type { EventBus } from '../../../ports/event-bus.ts'
import type { GenerationStore } from '../../../ports/generations/generation-store.ts'
import { auditEntry } from '../../accounts/audit-entry.ts'
import type { UpstreamGate } from '../../advance/upstream-gate.ts'
import { noSuchGeneration, withinReach } from '../within-reach.ts'

export interface CancelDeps {
  store: GenerationStore
  gate: Pick<UpstreamGate, 'observe'>
  bus: Pick<EventBus, 'publish'>
  clock: Clock
  ids: Ids
  /** Called once a change is durable that gives the workers something to do. */
  onWork: () => void
}

export interface Cancelled {
  generation: Generation
  /** `ended`: it had ended before. `spared`: it is none of those that are meant. */
  what: 'cancelled' | 'ended' | 'spared'
}

/** A caller and a worker write at most; each round takes up the other's version. */
const conflictRounds = 10

/** Ends a generation that the client may act on, if it is meant then. What has left to an upstream is settled by what that does. */
export async function cancelGeneration(
  deps: CancelDeps,
  client: Client,
  id: GenerationId,
  isMeant: (generation: Generation) => boolean = () => true,
): Promise<Cancelled> {
  const { store, clock, gate, bus, onWork } = deps
  for (let round = 0; round < conflictRounds; round++) {
    const { generation, version } = await withinReach(store, client, id)
    if (isTerminal(generation)) return { generation, what: 'ended' }
    if (!isMeant(generation)) return { generation, what: 'spared' }
    const { tenant } = generation
    const byOperator = tenant !== client.tenant
    const event = { type: 'cancel_requested', at: clock.now(), byOperator } as const
    const { generation: next, entries } = transition(generation, event)
    const audit = auditEntry(deps, {
      actor: client,
      action: 'generation.cancelled',
      subject: id,
      ...(byOperator && { data: { tenant } }),
    })
    const outcome = await store.save(next, { version, entries, lease: null, audit })
    if (outcome === 'missing') throw noSuchGeneration()
    if (outcome === 'saved') {
      gate.observe(next)
      bus.publish(id)
      onWork()
      return { generation: next, what: 'cancelled' }
    }
  }
  throw new Problem('conflict', 'The generation is being changed. Try again.')
}
