import { type Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { InsertLimits, InsertOutcome } from '../../ports/generations/generation-store.ts'
import type { Database } from '../engine/database.ts'
import { prepareKeyTotals, type Reservation } from '../ledger/key-totals.ts'
import { prepareLedgerCommitments } from '../ledger/ledger-commitments.ts'
import type { Schema } from '../schema.ts'

type Broken = Extract<InsertOutcome, { type: 'over_budget' | 'too_many_in_flight' }>

/**
 * Adds a generation to the totals of its key. Returns the limit that it would exceed instead, and then changes nothing.
 * Also returns what the key had committed before, if it has a limit.
 */
export type Reserve = (
  transaction: Kysely<Schema>,
  generation: Generation,
  headroomMicros: number,
  limits: InsertLimits,
) => Promise<{ broken: Broken | null; committedMicros: number }>

const commitmentsRow = z.object({ inFlight: z.number(), micros: z.number() })

export function prepareReserve(database: Database): Reserve {
  const commitments = prepareCommitments(database)
  const { reserve } = prepareKeyTotals(database.read)

  return async (transaction, { tenant, key, status, plan }, headroomMicros, limits) => {
    const { monthStart, monthlyBudgetMicros, maxInFlight } = limits
    const worstMicros = plan.worstCaseCostMicros
    const open = status === 'queued' || status === 'in_progress'
    const reservation: Reservation = {
      tenant,
      key,
      monthStart,
      worstMicros,
      open: open ? 1 : 0,
      headroomMicros: open ? headroomMicros : 0,
    }
    const unlimited = { monthlyBudgetMicros: null, maxInFlight: null }
    if (monthlyBudgetMicros === null && maxInFlight === null) {
      await reserve(transaction, { ...reservation, ...unlimited })
      return { broken: null, committedMicros: 0 }
    }
    const { inFlight, micros } = await commitments(transaction, { tenant, key, monthStart })
    // While totals are still being counted they are too low, so the limits are checked against the attempts themselves.
    const counted = database.totals.usable ? { monthlyBudgetMicros, maxInFlight } : unlimited
    const over = monthlyBudgetMicros !== null && micros + worstMicros > monthlyBudgetMicros
    const crowded = maxInFlight !== null && inFlight >= maxInFlight
    if (!over && !crowded && (await reserve(transaction, { ...reservation, ...counted }))) {
      return { broken: null, committedMicros: micros }
    }
    const broken: Broken = over
      ? { type: 'over_budget', committedMicros: micros }
      : { type: 'too_many_in_flight', inFlight }
    return { broken, committedMicros: micros }
  }
}

/**
 * What a key has committed in a month: the cost of every attempt that started in it (its reservation until it is
 * settled), plus what its unfinished generations may still cost.
 */
export function prepareCommitments({ read, totals }: Pick<Database, 'read' | 'totals'>) {
  const fromTotals = prepareKeyTotals(read).commitments
  const fromLedger = prepareLedgerCommitments(read)
  return async (executor: Kysely<Schema>, month: { tenant: string; key: string; monthStart: number }) =>
    commitmentsRow.parse(await (totals.usable ? fromTotals : fromLedger)(executor, month))
}
