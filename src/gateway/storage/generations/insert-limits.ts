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
 * Takes a generation into the totals of its key, or says which limit that would break; then nothing is changed. Also what
 * the key had committed before, where it has a limit.
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
    // The totals of a file that is still being counted are too low: what they allow is decided by the attempts themselves.
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
 * What a key has committed in a month: every attempt that started in it at its cost, or at its reservation while that is
 * not settled, and whatever its unfinished generations may still come to cost.
 */
export function prepareCommitments({ read, totals }: Pick<Database, 'read' | 'totals'>) {
  const fromTotals = prepareKeyTotals(read).commitments
  const fromLedger = prepareLedgerCommitments(read)
  return async (executor: Kysely<Schema>, month: { tenant: string; key: string; monthStart: number }) =>
    commitmentsRow.parse(await (totals.usable ? fromTotals : fromLedger)(executor, month))
}
