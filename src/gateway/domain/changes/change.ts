import type { UpstreamView } from '../routing/upstream.ts'
import type { GenerationErrorCode } from '../generation/failure.ts'
import type { Attempt, AttemptState, Generation } from '../generation/generation.ts'
import type { GenerationStatus } from '../generation/history.ts'
import { isLive } from '../generation/liveness.ts'
import { moneyOf } from '../generation/money.ts'
import type { Money } from '../generation/money.ts'
import type { GenerationId } from '../ids.ts'

/** What a stream of changes can say. */
export const changeTypes = [
  'generation.changed',
  'generation.removed',
  'upstream.changed',
  'resync',
  'heartbeat',
] as const

/** Why a reader must read again: another process numbered what it has, or more happened than is remembered. */
export const resyncReasons = ['restarted', 'missed'] as const
export type ResyncReason = (typeof resyncReasons)[number]

/** A generation in outline: no prompt, and no text of an upstream. `at`: ms since the epoch. */
export interface GenerationChange extends Money {
  type: 'generation.changed'
  at: number
  id: GenerationId
  tenant: string
  status: GenerationStatus
  progress: number
  /** Of the attempt that matters most, as is `upstream`; null before the first one. */
  state: AttemptState | null
  upstream: string | null
  attempts: number
  error: GenerationErrorCode | null
}

export interface GenerationRemoval {
  type: 'generation.removed'
  at: number
  id: GenerationId
  tenant: string
}

export interface UpstreamChange {
  type: 'upstream.changed'
  at: number
  upstream: UpstreamView
}

/** What has changed, and which object; a newer change of the same object replaces it. */
export type Change = GenerationChange | GenerationRemoval | UpstreamChange

export function generationChange(generation: Generation, at: number): GenerationChange {
  const { id, tenant, status, progress, attempts, error } = generation
  const told = tellingAttempt(attempts)
  return {
    type: 'generation.changed',
    at,
    id,
    tenant,
    status,
    progress,
    state: told?.state ?? null,
    upstream: told?.upstream ?? null,
    attempts: attempts.length,
    error: error?.code ?? null,
    ...moneyOf(generation),
  }
}

/** An unknown outcome before all else, then an overdue job, then what is live, then the latest attempt. */
function tellingAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return (
    attempts.findLast(({ state }) => state === 'unknown') ??
    attempts.findLast(({ state }) => state === 'abandoned') ??
    attempts.findLast(isLive) ??
    attempts.at(-1)
  )
}

/** The same for two views that a reader cannot tell apart: breakers, outages, pause and slots. */
export function upstreamFingerprint({ enabled, pause, breakers, outages, freeSlots }: UpstreamView): string {
  return JSON.stringify([enabled, pause ?? null, breakers, outages, freeSlots])
}
