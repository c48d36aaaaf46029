import type { Test } from 'tap'
import { afterTry } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { Delivery, DeliveryOutcome } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { WebhookEvent } from '../../src/gateway/domain/webhooks/webhook-event.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { LogEntry } from '../../src/gateway/domain/generation/history.ts'
import type { ClaimedDelivery, DeliveryStore } from '../../src/gateway/ports/webhooks/delivery-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, aLogEntry, START } from '../fixtures/generation.ts'

export interface DeliveryStores {
  generations: GenerationStorage
  deliveries: DeliveryStore
}

export type Make = (t: Test) => Promise<DeliveryStores>

export const SECOND = 1000
export const LATER = START + 48 * 3600 * SECOND
export const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
export const everything: WebhookEvent[] = ['generation.queued', 'attempt.started', 'generation.failed']
export const taken: DeliveryOutcome = { type: 'answered', status: 204, retryAfterMs: null }
export const down: DeliveryOutcome = { type: 'answered', status: 503, retryAfterMs: null }
export const gone: DeliveryOutcome = { type: 'answered', status: 410, retryAfterMs: null }

export function taking(...taken: string[]): Array<{ tenant: string; destination: string }> {
  return taken.map((destination) => ({ tenant: 'studio', destination }))
}

/** What every DeliveryStore guarantees, beside the GenerationStorage that fills it. */
export function wanting(
  url: string | null,
  overrides: Partial<Generation> = {},
  events = everything,
): Generation {
  const generation = aGeneration(overrides)
  return { ...generation, request: { ...generation.request, webhookUrl: url, webhookEvents: events } }
}

export function entry(type: LogEntry['type'], at = START): LogEntry {
  return aLogEntry({ type, at })
}

export async function insert(stores: DeliveryStores, generation: Generation, ...types: LogEntry['type'][]) {
  await stores.generations.insert(generation, {
    entries: types.map((type) => entry(type)),
    idempotency: null,
    limits: unlimited,
  })
  return generation
}

export function claim({ deliveries }: DeliveryStores, more: object = {}): Promise<ClaimedDelivery[]> {
  return deliveries.claimDue({
    now: START,
    owner: 'worker-1',
    leaseUntil: START + 60 * SECOND,
    limit: 100,
    perTenant: 100,
    perDestination: 100,
    underWay: [],
    ...more,
  })
}

export function seqs(claimed: ClaimedDelivery[]): number[] {
  return claimed.map(({ delivery }) => delivery.seq)
}

export function generations(claimed: ClaimedDelivery[]): string[] {
  return claimed.map(({ delivery }) => delivery.generationId ?? delivery.seriesId ?? '')
}

export function destinations(claimed: ClaimedDelivery[]): string[] {
  return claimed.map(({ destination }) => destination).toSorted()
}

export function tenants(claimed: ClaimedDelivery[]): string[] {
  return claimed.map(({ delivery }) => delivery.tenant).toSorted()
}

export function tried(delivery: Delivery, outcome: DeliveryOutcome, at = START): Delivery {
  return afterTry(delivery, { at, ms: 0, outcome }, 0.5)
}

/** Claims the one delivery that is next and settles it as after this outcome. */
export async function deliver(
  stores: DeliveryStores,
  outcome: DeliveryOutcome,
  at = START,
): Promise<Delivery> {
  const [claimed, ...rest] = await claim(stores, { now: at, leaseUntil: at + 60 * SECOND })
  if (claimed === undefined || rest.length > 0) throw new Error(`${rest.length + 1} are due at ${at - START}`)
  const next = tried(claimed.delivery, outcome, at)
  if (!(await stores.deliveries.recordTry(next, 'worker-1'))) throw new Error('not settled')
  return next
}

export function all({ deliveries }: DeliveryStores, { id }: Generation): Promise<Delivery[]> {
  return deliveries.list({ generationId: id, before: null, limit: 100 })
}
