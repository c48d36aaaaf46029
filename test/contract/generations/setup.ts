import type { Test } from 'tap'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { everyGeneration } from '../../../src/gateway/domain/generation/search/generation-filter.ts'
import type { GenerationStatus, LogEntry } from '../../../src/gateway/domain/generation/history.ts'
import type { CharacterId, GenerationId } from '../../../src/gateway/domain/ids.ts'
import type { GenerationSearch } from '../../../src/gateway/ports/generations/generation-search.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import type { InsertLimits, InsertOutcome } from '../../../src/gateway/ports/generations/generation-store.ts'
import { aGeneration, aLogEntry, START } from '../../fixtures/generation.ts'

export const DAY = 24 * 60 * 60 * 1000

export const MONTH_START = Date.UTC(2026, 0, 1)

export const unlimited: InsertLimits = {
  monthStart: MONTH_START,
  monthlyBudgetMicros: null,
  maxInFlight: null,
}

export type Make = (t: Test) => Promise<GenerationStorage>

export async function insert(
  store: GenerationStorage,
  generation: Generation,
  entries: LogEntry[] = [aLogEntry()],
) {
  return store.insert(generation, { entries, idempotency: null, limits: unlimited })
}

/** Inserts a generation and claims it for `owner`. */
export async function claimed(store: GenerationStorage, owner: string, overrides: Partial<Generation> = {}) {
  const generation = aGeneration(overrides)
  await insert(store, generation)
  await store.claimDue({ now: START, owner, leaseUntil: START + 1000, limit: 1 })
  return generation
}

export function outcomeTypes(outcomes: InsertOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of outcomes) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

export function withAttempts(...attempts: Attempt[]): Generation {
  return aGeneration({ status: 'in_progress', attempts })
}

/** A page of one tenant's. */
export async function listed(
  store: GenerationSearch,
  query: {
    tenant: string
    status: GenerationStatus | null
    character: CharacterId | null
    before: GenerationId | null
    limit: number
    oldestFirst?: boolean
  },
): Promise<Generation[]> {
  const { tenant, status, character, ...page } = query
  const filter = { ...everyGeneration, tenant, status, characters: character && [character], now: START }
  return (await store.list({ ...page, filter })).data
}
